using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit;
using TransformFramework.Toolkit.GraphDefs;

namespace TransformFramework.Engine.Models.Detection;

/// <summary>Reads a GraphDef, binary or text, and says what a file is when it is neither.</summary>
internal static class GraphDetection
{
    private const int TextProbe = 4096;

    /// <summary>Reads the graph of a source.</summary>
    /// <exception cref="ModelFormatException">It is not a GraphDef.</exception>
    public static Graph Read(ModelSourceFile source, string path, CancellationToken cancellation)
    {
        if (source.Length == 0)
            throw Failure(EngineDiagnostics.EmptyFile, EngineDiagnostics.EmptyFile.Format(path), "Export or download it again.");
        if ((ProtobufRelatives.Identify(source) ?? Signatures.IdentifyByHead(source)) is { } foreign)
            throw NotAGraph(path, foreign);
        try
        {
            Graph graph = GraphDefReader.Read(source, cancellation);
            if (!HoldsNothing(graph))
                return graph;
        }
        catch (ModelFormatException error)
        {
            return ReadOther(source, path, error);
        }
        return ReadOther(source, path, NotAGraph(path, ForeignFormat.OtherProtobuf));
    }

    private static Graph ReadOther(ModelSourceFile source, string path, ModelFormatException binaryError)
    {
        if (Signatures.Identify(source, path) is { } foreign)
            throw NotAGraph(path, foreign);
        if (!LooksLikeText(source))
            throw At(path, binaryError);
        if (source.Length > Array.MaxLength)
            throw Failure(ToolkitDiagnostics.TooLarge, $"'{path}' is text of more than 2 GiB", "Convert it to the binary form first.");
        try
        {
            return GraphTextFormat.Read(source.Slice(0, (int)source.Length));
        }
        catch (ModelFormatException error)
        {
            throw At(path, error);
        }
    }

    private static bool HoldsNothing(Graph graph) =>
        graph.Nodes.IsEmpty && graph.Functions.IsEmpty && graph.Versions is null && !graph.UnknownFields.IsEmpty;

    private static bool LooksLikeText(ModelSourceFile source)
    {
        ReadOnlySpan<byte> head = source.Slice(0, (int)Math.Min(source.Length, TextProbe)).Span;
        foreach (byte value in head)
        {
            if (value is < 9 or (> 13 and < 32))
                return false;
        }
        return true;
    }

    private static ModelFormatException NotAGraph(string path, ForeignFormat format) => Failure(ToolkitDiagnostics.NotAGraphDef, $"'{path}' is {format.Name}, not a GraphDef", format.Advice);

    private static ModelFormatException Failure(DiagnosticDescriptor kind, string message, string suggestion) =>
        new(message) { DiagnosticId = kind.Id, Suggestion = suggestion };

    private static ModelFormatException At(string path, ModelFormatException error) =>
        error.Message.StartsWith('\'') ? error : new($"'{path}': {error.Message}", error) { DiagnosticId = error.DiagnosticId, Suggestion = error.Suggestion };
}
