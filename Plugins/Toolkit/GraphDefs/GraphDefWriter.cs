using System.Runtime.CompilerServices;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.Toolkit.GraphDefs;

/// <summary>Writes binary GraphDefs; the same graph always gives the same bytes. An empty library is left out, except from a graph without anything else: a file is never empty.</summary>
public static class GraphDefWriter
{
    private const int BufferSize = 1 << 18;

    private static readonly ConditionalWeakTable<Graph, object> Sizes = [];

    /// <summary>Number of bytes that writing the graph gives; remembered for each graph.</summary>
    public static long Measure(Graph graph) => (long)Sizes.GetValue(graph, static measured => Size(measured));

    /// <summary>Writes the graph. Large tensors go to the stream from where they are.</summary>
    /// <exception cref="ModelFormatException">A node is larger than protobuf allows.</exception>
    public static void Write(Graph graph, Stream stream) => Write(graph, stream, CancellationToken.None);

    public static void Write(Graph graph, Stream stream, CancellationToken cancellation)
    {
        var writer = new FileWireWriter(new byte[BufferSize], stream);
        foreach (Node node in graph.Nodes)
        {
            cancellation.ThrowIfCancellationRequested();
            writer.Delimiter(1, CheckedSize(node));
            NodeWire.Write(node, writer);
        }
        if (HasLibrary(graph))
        {
            writer.Delimiter(2, LibraryWire.Size(graph.Functions));
            LibraryWire.Write(graph.Functions, writer);
        }
        if (graph.Versions is { } versions)
        {
            writer.Delimiter(4, VersionsWire.Size(versions));
            VersionsWire.Write(versions, writer);
        }
        writer.Raw(graph.UnknownFields.Bytes);
        writer.Flush();
    }

    public static bool HasLibrary(Graph graph) =>
        !graph.Functions.IsEmpty || (graph.Nodes.IsEmpty && graph.Versions is null && graph.UnknownFields.IsEmpty);

    private static long Size(Graph graph)
    {
        long size = graph.UnknownFields.Bytes.Length;
        foreach (Node node in graph.Nodes)
            size += WireSize.Delimited(1, NodeWire.Size(node));
        if (HasLibrary(graph))
            size += WireSize.Delimited(2, LibraryWire.Size(graph.Functions));
        return graph.Versions is { } versions ? size + WireSize.Delimited(4, VersionsWire.Size(versions)) : size;
    }

    private static long CheckedSize(Node node)
    {
        long size = NodeWire.Size(node);
        return size <= int.MaxValue ? size : throw new ModelFormatException($"node '{node.Name}' takes {size} bytes; a GraphDef's node holds less than 2 GiB")
        {
            DiagnosticId = ToolkitDiagnostics.Unwritable.Id,
            Suggestion = "Split the constant into several nodes.",
        };
    }
}
