using System.Collections.Immutable;

namespace TransformFramework.ModelFiles;

/// <summary>Writes a model format that may consist of several files. Registered by <see cref="ModelFormatAttribute"/>; stateless.</summary>
public interface IModelSinkWriter
{
    /// <summary>Writes the model. What the format cannot hold is refused before anything is written.</summary>
    /// <exception cref="ModelFormatException">The format has no form for something in the graph; the message names the node and what to do.</exception>
    void Write(ModelContent model, ModelWriteOptions options, ModelSink sink, CancellationToken cancellation);
}

/// <summary>Declares an option of a model writer, which commands offer as <c>--NAME=VALUE</c>.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true, Inherited = false)]
public sealed class FormatOptionAttribute(string name, string values, string description) : Attribute
{
    /// <summary>Name without dashes, such as <c>opset</c>.</summary>
    public string Name { get; } = name;

    /// <summary>What help shows behind the name: <c>N</c>, a range such as <c>13..25</c>, or the allowed words separated by <c>|</c>.</summary>
    public string Values { get; } = values;

    /// <summary>One sentence for help.</summary>
    public string Description { get; } = description;
}

/// <summary>Choices of a writing.</summary>
public sealed record ModelWriteOptions
{
    /// <summary>The graph's inputs, <c>node</c> or <c>node:port</c>, in order.</summary>
    public ImmutableArray<string> Inputs { get; init; } = [];

    /// <summary>The graph's outputs, <c>node</c> or <c>node:port</c>, in order.</summary>
    public ImmutableArray<string> Outputs { get; init; } = [];

    /// <summary>Values of the options that the writer declares by <see cref="FormatOptionAttribute"/>.</summary>
    public ImmutableDictionary<string, string> Settings { get; init; } = ImmutableDictionary<string, string>.Empty;
}

/// <summary>Where a writer puts its files. The host moves them into place when all are complete; on a failure nothing is left.</summary>
public abstract class ModelSink
{
    /// <summary>File name that the user asked for, without folder; for a folder its name.</summary>
    public abstract string Name { get; }

    /// <summary>The stream of the main file; for formats that are one file it is all there is.</summary>
    public abstract Stream Main { get; }

    /// <summary>Creates another file: in the folder for a format that is a folder, else beside the main file.</summary>
    /// <param name="name">Relative path with <c>/</c> between parts; it must stay in the folder.</param>
    public abstract Stream Create(string name);
}
