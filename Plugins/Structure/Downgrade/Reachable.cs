using TransformFramework.Graphs;
using TransformFramework.Toolkit.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Structure.Downgrade;

/// <summary>The nodes that the run's outputs need, and its inputs.</summary>
internal static class Reachable
{
    /// <summary>The graph without what no output needs; the same graph when the run names no outputs.</summary>
    public static Graph From(Graph graph, TransformContext context) => context.OutputNames.IsEmpty ? graph : graph.NeededBy(context.OutputNames.Concat(context.InputNames));
}
