using CsCheck;
using TransformFramework.Engine.Models;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.GraphDefs;

namespace TransformFramework.Engine.Tests.Models;

public sealed class ProtocTests
{
    private const int Graphs = 60;

    [SkippableFact]
    public void Protoc_reads_our_text_as_the_same_graph()
    {
        Skip.IfNot(Protoc.IsAvailable, "the protobuf compiler has no build for this platform");
        FileGraphs.Graph.Select(WithoutUnknownFields).Sample(graph => GraphAssert.Same(graph, GraphDefReader.Read(Protoc.Encode(RoundTripTests.Text(graph)))), iter: Graphs, threads: 1);
    }

    [SkippableFact]
    public void Text_of_protoc_reads_as_the_same_graph()
    {
        Skip.IfNot(Protoc.IsAvailable, "the protobuf compiler has no build for this platform");
        FileGraphs.Graph.Select(WithoutUnknownFields).Sample(graph => GraphAssert.Same(graph, GraphTextFormat.Read(Protoc.Decode(RoundTripTests.Binary(graph)))), iter: Graphs, threads: 1);
    }

    /// <summary>protoc refuses fields by number: the graph as its own text form without them.</summary>
    private static Graph WithoutUnknownFields(Graph graph) => GraphTextFormat.Read(Stripped(RoundTripTests.Text(graph)));

    private static byte[] Stripped(byte[] text)
    {
        var kept = new List<string>();
        bool inGroup = false;
        foreach (string line in System.Text.Encoding.ASCII.GetString(text).Split('\n'))
        {
            string start = line.TrimStart();
            if (start.StartsWith("200 {", StringComparison.Ordinal))
                inGroup = true;
            else if (inGroup)
                inGroup = start != "}";
            else if (!start.StartsWith("200:", StringComparison.Ordinal))
                kept.Add(line);
        }
        return System.Text.Encoding.ASCII.GetBytes(string.Join('\n', kept));
    }
}
