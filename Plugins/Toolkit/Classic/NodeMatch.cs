using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Classic;

/// <summary>A node that matched a pattern, with the matches of its inputs where the pattern has some.</summary>
public sealed record NodeMatch(Node Node, ImmutableArray<NodeMatch> Inputs)
{
    /// <summary>All nodes of the match breadth first, head first, each name once.</summary>
    public ImmutableArray<Node> AllNodes()
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var nodes = ImmutableArray.CreateBuilder<Node>();
        var queue = new Queue<NodeMatch>([this]);
        while (queue.TryDequeue(out var match))
        {
            if (!found.Add(match.Node.Name))
                continue;
            nodes.Add(match.Node);
            foreach (NodeMatch input in match.Inputs)
                queue.Enqueue(input);
        }
        return nodes.ToImmutable();
    }
}
