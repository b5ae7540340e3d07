using System.Collections.Immutable;

namespace TransformFramework.Graphs;

/// <summary>
/// A batch of changes to a graph, addressed by node identity (the instances in <see cref="Graph.Nodes"/>): the unit of diff, trace and bisect.
/// Nothing happens before <see cref="Graph.Apply"/>; the order of the calls matters only among additions at one place.
/// </summary>
public sealed class GraphEdit
{
    private readonly Dictionary<Node, ImmutableArray<Node>> replacements = new(ReferenceEqualityComparer.Instance);
    private readonly List<Node> additions = [];

    /// <summary>True when no change was asked for.</summary>
    public bool IsEmpty => replacements.Count == 0 && additions.Count == 0;

    /// <summary>Nodes that are replaced or removed.</summary>
    public IReadOnlyCollection<Node> Touched => replacements.Keys;

    /// <summary>Puts the new nodes at the place of the old one; none removes it.</summary>
    /// <exception cref="ArgumentException">The node was replaced or removed already.</exception>
    public GraphEdit Replace(Node old, params ReadOnlySpan<Node> with)
    {
        if (!replacements.TryAdd(old, [.. with]))
            throw new ArgumentException($"node '{old.Name}' is edited twice in one batch", nameof(old));
        return this;
    }

    /// <summary>Removes a node.</summary>
    /// <exception cref="ArgumentException">The node was replaced or removed already.</exception>
    public GraphEdit Remove(Node node) => Replace(node, []);

    /// <summary>Adds nodes at the end of the graph.</summary>
    public GraphEdit Add(params ReadOnlySpan<Node> nodes)
    {
        additions.AddRange(nodes);
        return this;
    }

    internal Graph ApplyTo(Graph graph)
    {
        var nodes = ImmutableArray.CreateBuilder<Node>(graph.Nodes.Length + additions.Count);
        var applied = new HashSet<Node>(replacements.Count, ReferenceEqualityComparer.Instance);
        foreach (Node node in graph.Nodes)
        {
            if (replacements.TryGetValue(node, out var replacement))
            {
                nodes.AddRange(replacement);
                applied.Add(node);
            }
            else
            {
                nodes.Add(node);
            }
        }
        if (applied.Count < replacements.Count)
        {
            Node missing = replacements.Keys.First(node => !applied.Contains(node));
            throw new ArgumentException($"the edit addresses node '{missing.Name}', which is not in this graph");
        }
        nodes.AddRange(additions);
        return graph.WithNodes(nodes.ToImmutable());
    }
}
