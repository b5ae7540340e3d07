using TransformFramework.Graphs;

namespace TransformFramework.Workflows.Inspection;

/// <summary>The nodes around one.</summary>
public static class Neighbourhood
{
    /// <summary>A node, and those that are at most so many edges away, against the edges or along them; control edges count.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="node">The node's name.</param>
    /// <param name="depth">Edges.</param>
    public static IReadOnlySet<string> Of(Graph graph, string node, int depth)
    {
        var near = new HashSet<string>(StringComparer.Ordinal) { node };
        string[] border = [node];
        for (int i = 0; i < depth && border.Length > 0; i++)
            border = [.. border.SelectMany(name => Linked(graph, name)).Where(near.Add)];
        return near;
    }

    private static IEnumerable<string> Linked(Graph graph, string name) => graph.TryFind(name, out var node)
        ? node.Inputs.Select(input => input.Node).Where(input => graph.TryFind(input, out _)).Concat(graph.ConsumersOf(node).Select(consumer => consumer.Node.Name))
        : [];
}
