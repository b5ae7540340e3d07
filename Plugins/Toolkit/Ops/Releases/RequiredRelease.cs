using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Ops.Releases;

/// <summary>The oldest release that reads a graph as it is, and what older ones lack.</summary>
/// <param name="Release">The release; null when no known one has all ops and attributes.</param>
/// <param name="Reasons">What the release before lacks: ops and attributes, each once, in order; when no release reads the graph, what the newest one lacks.</param>
public sealed record RequiredRelease(TensorFlowRelease? Release, ImmutableArray<string> Reasons)
{
    /// <summary>Finds it by ops, attributes and types.</summary>
    public static RequiredRelease Of(Graph graph)
    {
        Node[] nodes = [.. graph.Nodes, .. graph.Functions.Functions.SelectMany(function => function.Nodes)];
        Node[] kinds = [.. nodes.DistinctBy(Kind)];
        int least = 0;
        foreach (Node node in kinds)
        {
            while (least < TensorFlowRelease.All.Length && Lacks(graph, node, TensorFlowRelease.All[least]).Any())
                least++;
        }
        TensorFlowRelease? release = least < TensorFlowRelease.All.Length ? TensorFlowRelease.All[least] : null;
        TensorFlowRelease? before = release is null ? TensorFlowRelease.Newest : least > 0 ? TensorFlowRelease.All[least - 1] : null;
        if (before is null)
            return new(release, []);
        var reasons = kinds.SelectMany(node => Lacks(graph, node, before)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        return new(release, [.. reasons]);
    }

    private static IEnumerable<string> Lacks(Graph graph, Node node, TensorFlowRelease release) =>
        new NodeVerifier(graph, release).Verify(node).Select(problem => problem.Entry);

    /// <summary>Nodes of one kind are read by the same releases: they have the same op and attributes, but for tensors.</summary>
    private static string Kind(Node node) =>
        $"{node.Op}({string.Join(", ", node.Attributes.Select(attribute => attribute.Value is TensorValue or BytesValue { Bytes.Length: > 64 } ? attribute.Key : $"{attribute.Key}={attribute.Value}"))})";
}
