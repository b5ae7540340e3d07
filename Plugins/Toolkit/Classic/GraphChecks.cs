using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Classic;

/// <summary>Checks of a whole graph.</summary>
public static class GraphChecks
{
    /// <summary>The original's only check: input entries, data and control, whose node does not exist.</summary>
    public static IEnumerable<(Node Node, NodeInput Input)> InvalidInputs(Graph graph) =>
        from node in graph.Nodes
        from input in node.Inputs
        where !graph.TryFind(input.Node, out _)
        select (node, input);

    /// <summary>Nodes with more or fewer inputs than their op has, with one of another type, or with an output that its producer does not have. Ops that the table lacks are left out.</summary>
    public static IEnumerable<(string Node, string Message)> OpProblems(Graph graph) => ImportChecks.Problems(graph).Select(problem => (problem.Node ?? "", problem.Message));
}
