using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Classic;

/// <summary>What a replacement knows of its match.</summary>
/// <param name="Match">The matched tree.</param>
/// <param name="InputNodes">Names of matched nodes that read something outside the match.</param>
/// <param name="OutputNodes">Names of matched nodes that something outside the match reads.</param>
public readonly record struct MatchSite(NodeMatch Match, IReadOnlySet<string> InputNodes, IReadOnlySet<string> OutputNodes);

/// <summary>Replaces every match of a pattern by other nodes, in place of the match's head.</summary>
public static class PatternReplacement
{
    /// <summary>Replaces matches. A replacement that loses the name of a node with readers outside is undone, unless <paramref name="allowInconsistencies"/>.</summary>
    /// <remarks><paramref name="replace"/> gives the nodes that stand for a match; <paramref name="onUndone"/> is told the name that a replacement lost.</remarks>
    public static Graph Apply(Graph graph, OpPattern pattern, Func<MatchSite, IEnumerable<Node>> replace, bool allowInconsistencies = false, Action<NodeMatch, string>? onUndone = null)
    {
        var matches = GraphMatcher.FindAll(graph, pattern);
        if (matches.IsEmpty)
            return graph;
        var byHead = matches.ToDictionary(match => match.Node.Name, StringComparer.Ordinal);
        var members = matches.SelectMany(match => match.AllNodes()).Select(node => node.Name).ToHashSet(StringComparer.Ordinal);
        var nodes = ImmutableArray.CreateBuilder<Node>(graph.Nodes.Length);
        foreach (Node node in graph.Nodes)
        {
            if (byHead.TryGetValue(node.Name, out var match))
                nodes.AddRange(Replacement(graph, match, replace, allowInconsistencies, onUndone));
            else if (!members.Contains(node.Name))
                nodes.Add(node);
        }
        return graph.WithNodes(nodes.ToImmutable());
    }

    private static ImmutableArray<Node> Replacement(Graph graph, NodeMatch match, Func<MatchSite, IEnumerable<Node>> replace, bool allowInconsistencies, Action<NodeMatch, string>? onUndone)
    {
        var originals = match.AllNodes();
        var names = originals.Select(node => node.Name).ToHashSet(StringComparer.Ordinal);
        var inputs = originals.Where(node => node.Inputs.Any(input => !names.Contains(input.Node))).Select(node => node.Name).ToHashSet(StringComparer.Ordinal);
        var outputs = originals.Where(node => graph.ConsumersOf(node).Any(consumer => !names.Contains(consumer.Node.Name))).Select(node => node.Name).ToHashSet(StringComparer.Ordinal);
        ImmutableArray<Node> replacement = [.. replace(new(match, inputs, outputs))];
        if (allowInconsistencies)
            return replacement;
        var kept = replacement.Select(node => node.Name).ToHashSet(StringComparer.Ordinal);
        if (outputs.FirstOrDefault(name => !kept.Contains(name)) is not { } lost)
            return replacement;
        onUndone?.Invoke(match, lost);
        return originals;
    }
}
