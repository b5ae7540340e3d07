using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Folding;

/// <summary>Says why a match is left as it is.</summary>
internal static class Declines
{
    /// <summary>Explains and reports a node that stays.</summary>
    public static void Decline(this TransformContext context, Node node, string reason)
    {
        context.Explain(node.Name, reason);
        context.Report(FoldingDiagnostics.Declined.At(node, reason));
    }

    /// <summary>True when something but the given reader reads the node.</summary>
    public static bool IsSharedBeyond(this Graph graph, Node node, Node reader) => graph.ConsumersOf(node).Any(consumer => consumer.Node.Name != reader.Name);
}
