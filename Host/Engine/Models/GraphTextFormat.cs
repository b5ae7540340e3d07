using System.Text;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.GraphDefs;
using TransformFramework.Toolkit.Protobuf;
using TransformFramework.Toolkit.Protobuf.Schemas;
using TransformFramework.Toolkit.Protobuf.Text;

namespace TransformFramework.Engine.Models;

/// <summary>GraphDefs in protobuf's text format.</summary>
public static class GraphTextFormat
{
    private const int BufferSize = 1 << 16;

    /// <summary>Reads a graph; no text at all is the empty graph.</summary>
    /// <exception cref="ModelFormatException">The text is malformed; the message begins with line and column.</exception>
    public static Graph Read(ReadOnlyMemory<byte> text)
    {
        ReadOnlyMemory<byte> content = text.Span.StartsWith(Encoding.UTF8.Preamble) ? text[Encoding.UTF8.Preamble.Length..] : text;
        return GraphDefReader.Read(new TextParser(content).Parse(ProtoSchema.Message("GraphDef")));
    }

    /// <summary>Writes a graph; the same graph always gives the same text.</summary>
    public static void Write(Graph graph, Stream stream) => Write(graph, stream, CancellationToken.None);

    internal static void Write(Graph graph, Stream stream, CancellationToken cancellation)
    {
        using var output = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), BufferSize, leaveOpen: true);
        var printer = new TextPrinter(output);
        foreach (Node node in graph.Nodes)
        {
            cancellation.ThrowIfCancellationRequested();
            printer.Message("node", ProtoSchema.Message("NodeDef"), Reader(NodeWire.Size(node), writer => NodeWire.Write(node, writer)));
        }
        if (GraphDefWriter.HasLibrary(graph))
            printer.Message("library", ProtoSchema.Message("FunctionDefLibrary"), Reader(LibraryWire.Size(graph.Functions), writer => LibraryWire.Write(graph.Functions, writer)));
        if (graph.Versions is { } versions)
            printer.Message("versions", ProtoSchema.Message("VersionDef"), Reader(VersionsWire.Size(versions), writer => VersionsWire.Write(versions, writer)));
        printer.Fields(ProtoSchema.Message("GraphDef"), new WireReader(graph.UnknownFields.Bytes));
    }

    private static WireReader Reader(long size, Action<WireWriter> write)
    {
        byte[] bytes = new byte[checked((int)size)];
        write(new WireWriter(bytes));
        return new WireReader(bytes, depth: 1);
    }
}
