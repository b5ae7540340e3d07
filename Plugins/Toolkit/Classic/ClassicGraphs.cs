using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Toolkit.Classic;

/// <summary>What the original's transforms do to a graph beside its nodes.</summary>
public static class ClassicGraphs
{
    /// <summary>Drops the versions in verbatim mode, as the transforms do that emit nodes only; keeps them otherwise.</summary>
    public static Graph AsNodesOnly(this Graph graph, TransformContext context) =>
        context.IsVerbatim && graph.Versions is not null ? graph.WithVersions(null) : graph;
}
