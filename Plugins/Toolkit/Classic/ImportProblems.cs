using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Classic;

/// <summary>Nodes that TensorFlow would not import.</summary>
public static class ImportProblems
{
    /// <summary>Nodes with more or fewer inputs than their op has, with one of another type, or with an output that its producer does not have. Ops that the table lacks are left out.</summary>
    public static IEnumerable<(string Node, string Message)> Of(Graph graph) => ImportChecks.Problems(graph).Select(problem => (problem.Node ?? "", problem.Message));
}
