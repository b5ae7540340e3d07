using System.Collections.Immutable;

namespace TransformFramework.ModelFiles;

/// <summary>Reads a model format that may consist of several files. Registered by <see cref="ModelFormatAttribute"/>; stateless.</summary>
public interface IModelSourceReader
{
    /// <summary>True when the content is of this format, broken or not: decided by content, never by the ending alone, without reading more than a few kilobytes.</summary>
    bool Recognizes(ModelSource source);

    /// <summary>Reads the model, frozen for one signature.</summary>
    /// <exception cref="ModelFormatException">The source cannot be read; the message names the file and the cause.</exception>
    ModelContent Read(ModelSource source, ModelReadOptions options, CancellationToken cancellation);
}

/// <summary>Choices of a reading.</summary>
public sealed record ModelReadOptions
{
    public static readonly ModelReadOptions Default = new();

    /// <summary>Name of the signature to read; null for <c>serving_default</c>, else the only one.</summary>
    public string? Signature { get; init; }

    /// <summary>Tags of the meta graph to read; empty for <c>serve</c>, else the only one.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>Placeholders that get a fixed value, by node name or public name: the value's text (<c>true</c>, <c>0.5</c>).</summary>
    public ImmutableDictionary<string, string> FixedInputs { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Tensors to read the graph for where the file has no signature; empty for all that nothing consumes.</summary>
    public ImmutableArray<string> Outputs { get; init; } = [];
}
