using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Graphs;

/// <summary>Walks over the edges of a graph. Each node is met once, so that cycles end.</summary>
public static class GraphWalk
{
    /// <summary>The nodes that tensors need, their own producers included, in the order in which the walk meets them. Control inputs count as inputs; names without a node are passed over.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="tensors">Where the walk begins.</param>
    /// <param name="endsBefore">True for an input that the walk does not follow; null follows all.</param>
    /// <param name="endsAt">True for a node that is needed, but not what it is computed from; null for none.</param>
    public static List<Node> Upstream(this Graph graph, IEnumerable<NodeInput> tensors, Func<NodeInput, bool>? endsBefore = null, Func<Node, bool>? endsAt = null)
    {
        var met = new HashSet<string>(StringComparer.Ordinal);
        var found = new List<Node>();
        var open = new Stack<NodeInput>(tensors);
        while (open.TryPop(out NodeInput input))
        {
            if (endsBefore?.Invoke(input) == true || !met.Add(input.Node) || graph.Find(input.Node) is not { } node)
                continue;
            found.Add(node);
            if (endsAt?.Invoke(node) == true)
                continue;
            foreach (NodeInput next in node.Inputs)
                open.Push(next);
        }
        return found;
    }

    /// <summary>The part of a graph that tensors need, in the graph's order.</summary>
    public static Graph NeededBy(this Graph graph, IEnumerable<string> tensors)
    {
        var needed = graph.Upstream(tensors.Select(tensor => new NodeInput(tensor))).Select(node => node.Name).ToHashSet(StringComparer.Ordinal);
        return graph.Where(node => needed.Contains(node.Name));
    }

    /// <summary>Names of the nodes that are computed from some, those included.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="nodes">Where the walk begins.</param>
    /// <param name="follows">True for a consumer that the walk goes on to; null goes on to all.</param>
    public static HashSet<string> Downstream(this Graph graph, IEnumerable<Node> nodes, Func<Consumer, bool>? follows = null)
    {
        var met = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<Node>(nodes);
        while (open.TryPop(out Node? node))
        {
            if (!met.Add(node.Name))
                continue;
            foreach (Consumer consumer in graph.ConsumersOf(node))
            {
                if (follows?.Invoke(consumer) != false)
                    open.Push(consumer.Node);
            }
        }
        return met;
    }
}
