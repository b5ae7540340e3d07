using TransformFramework.Engine.PluginLoading;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.GraphDefs;

namespace TransformFramework.Engine.Models;

/// <summary>The program's own format: TensorFlow's GraphDef, binary or in protobuf's text format.</summary>
internal sealed class GraphDefFormat(bool isText) : IModelSinkWriter
{
    /// <summary>Short name of the format.</summary>
    public const string Name = "graphdef";

    private const string TextEnding = ".pbtxt";

    /// <summary>GraphDef as bytes.</summary>
    public static readonly OutputFormat Binary = new(new(Name, [".pb"], "") { Reads = true, Writes = true }, _ => new GraphDefFormat(isText: false));

    /// <summary>GraphDef as text.</summary>
    public static readonly OutputFormat Text = new(new(Name, [TextEnding, ".txt"], "") { Reads = true, Writes = true }, _ => new GraphDefFormat(isText: true));

    /// <summary>Whether a path's ending asks for text.</summary>
    public static bool IsTextPath(string path) => path.EndsWith(TextEnding, StringComparison.OrdinalIgnoreCase) || path.EndsWith(".pb.txt", StringComparison.OrdinalIgnoreCase);

    public void Write(ModelContent model, ModelWriteOptions options, ModelSink sink, CancellationToken cancellation)
    {
        if (isText)
            GraphTextFormat.Write(model.Graph, sink.Main, cancellation);
        else
            GraphDefWriter.Write(model.Graph, sink.Main, cancellation);
    }
}
