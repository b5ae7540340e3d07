using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Toolkit.Patterns;

/// <summary>One sweep over a graph: every match is rewritten that no earlier one of the sweep touches; all changes are one edit.</summary>
internal sealed class RewritePass(Graph graph, TransformContext context)
{
    private readonly GraphEdit edit = new();
    private readonly HashSet<string> edited = new(StringComparer.Ordinal);
    private readonly HashSet<string> read = new(StringComparer.Ordinal);
    private readonly List<(Node Node, Decline Decline)> declines = [];

    /// <summary>How many matches were rewritten.</summary>
    public int Rewritten { get; private set; }

    /// <summary>Why nodes were left as they are.</summary>
    public IReadOnlyList<(Node Node, Decline Decline)> Declines => declines;

    /// <summary>The graph after the sweep; the same instance when nothing was rewritten.</summary>
    public Graph Run(NodePattern pattern, Func<Match, Outcome> rewrite)
    {
        foreach (Node node in graph.Nodes)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            if (edited.Contains(node.Name) || !ReferenceEquals(graph.Find(node.Name), node))
                continue;
            var search = new Search(graph, context.IsExplaining);
            if (pattern.FindHead(search, node).FirstOrDefault() is { } bindings)
                Rewrite(new(graph, context, bindings), rewrite);
            else if (search.NearestMiss is { } miss)
                declines.Add((node, new(miss)));
        }
        return edit.IsEmpty ? graph : graph.Apply(edit);
    }

    private void Rewrite(Match match, Func<Match, Outcome> rewrite)
    {
        if (match.Members.Any(node => edited.Contains(node.Name)))
            return;
        switch (rewrite(match))
        {
            case Outcome.Declined declined:
                declines.Add((declined.Head, declined.Decline));
                break;
            case Outcome.Replaced replaced:
                Replace(match, new(match, replaced.Nodes));
                break;
        }
    }

    private void Replace(Match match, Replacement replacement)
    {
        if (replacement.Reads.Overlaps(edited) || read.Overlaps(replacement.Removed.Keys))
            return;
        if (replacement.Decline() is { } decline)
            declines.Add((match.Head, decline));
        else
            Accept(match, replacement);
    }

    private void Accept(Match match, Replacement replacement)
    {
        foreach (Node node in replacement.Removed.Values)
            edit.Replace(node, node == match.Head ? replacement.Nodes.AsSpan() : []);
        edited.UnionWith(replacement.Removed.Keys);
        edited.UnionWith(replacement.Nodes.Select(node => node.Name));
        read.UnionWith(replacement.Reads);
        Rewritten++;
    }
}
