using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Graphs;

/// <summary>Checks of a whole graph.</summary>
public static class GraphChecks
{
    /// <summary>The original's only check: input entries, data and control, whose node does not exist.</summary>
    public static IEnumerable<(Node Node, NodeInput Input)> InvalidInputs(Graph graph)
    {
        foreach (Node node in graph.Nodes)
        {
            foreach (NodeInput input in node.Inputs)
            {
                if (!graph.TryFind(input.Node, out _))
                    yield return (node, input);
            }
        }
    }
}
