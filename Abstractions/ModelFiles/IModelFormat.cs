using TransformFramework.Graphs;

namespace TransformFramework.ModelFiles;

/// <summary>Registers a class that reads or writes a model format.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ModelFormatAttribute(string name, params string[] extensions) : Attribute
{
    /// <summary>Short name, such as <c>onnx</c>.</summary>
    public string Name { get; } = name;

    /// <summary>File name endings with their dot, such as <c>.onnx</c>.</summary>
    public string[] Extensions { get; } = extensions;
}

/// <summary>Reads a model file.</summary>
public interface IModelReader
{
    /// <summary>Reads the whole stream.</summary>
    /// <exception cref="ModelFormatException">The bytes are not a model of this format.</exception>
    Graph Read(Stream stream, CancellationToken cancellation);
}

/// <summary>Writes a model file.</summary>
public interface IModelWriter
{
    /// <summary>Writes the graph; <paramref name="outputs"/> are the tensors that the model answers with.</summary>
    /// <exception cref="ModelFormatException">The format has no form for something in the graph; the message names the node.</exception>
    void Write(Graph graph, IReadOnlyList<string> inputs, IReadOnlyList<string> outputs, Stream stream, CancellationToken cancellation);
}

/// <summary>A model file is not what it should be; the message says what it is or where it breaks.</summary>
public sealed class ModelFormatException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Id of the diagnostic that reports this failure.</summary>
    public string DiagnosticId { get; init; } = AbstractionsDiagnostics.UnreadableModel.Id;

    /// <summary>What to do next, a sentence; or null.</summary>
    public string? Suggestion { get; init; }
}
