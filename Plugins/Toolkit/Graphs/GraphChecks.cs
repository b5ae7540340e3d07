using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Graphs;

/// <summary>Checks of a whole graph.</summary>
public static class GraphChecks
{
    /// <summary>The original's only check: input entries, data and control, whose node does not exist.</summary>
    public static IEnumerable<(Node Node, NodeInput Input)> InvalidInputs(Graph graph) =>
        from node in graph.Nodes
        from input in node.Inputs
        where !graph.TryFind(input.Node, out _)
        select (node, input);
}
