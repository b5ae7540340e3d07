using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Ops;

/// <summary>What a graph computes, where no signature says so.</summary>
public static class LikelyOutputs
{
    private static readonly string[] NeverOutputs = ["Const", "Assign", "NoOp", "Placeholder", "Assert"];

    /// <summary>The nodes without a consumer that can be outputs, in file order.</summary>
    public static IEnumerable<Node> Of(Graph graph) => graph.Nodes.Where(node => graph.ConsumersOf(node).IsEmpty && !NeverOutputs.Contains(node.Op));
}
