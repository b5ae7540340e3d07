using TransformFramework.Cpu.Analysis;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.Alias;

/// <summary>Ranges that a node hands on: its outputs 1 and 2 are two of its inputs.</summary>
internal static class RangeAlias
{
    /// <summary>True when the inputs are scalars of known place.</summary>
    public static bool Fits(PlanGraph graph, AnalyzedNode node, int slot) => IsScalar(graph, graph.Input(node, slot)) && IsScalar(graph, graph.Input(node, slot + 1));

    public static void Add(PlanBuilder builder, AnalyzedNode node, int slot)
    {
        builder.Tensors.Alias(new(node.Index, 1), builder.Graph.Input(node, slot));
        builder.Tensors.Alias(new(node.Index, 2), builder.Graph.Input(node, slot + 1));
    }

    private static bool IsScalar(PlanGraph graph, TensorSource source) => graph[source] is { IsStaticFloat: true, Shape.ElementCount: 1 };
}
