using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Classic;

/// <summary>
/// Finds the matches of a pattern as the original does: heads in execution order, each node (wildcards included) in one match at most.
/// With a cycle only the nodes before it are searched; with a missing producer there are no matches.
/// </summary>
public static class GraphMatcher
{
    public static ImmutableArray<NodeMatch> FindAll(Graph graph, OpPattern pattern)
    {
        var matches = ImmutableArray.CreateBuilder<NodeMatch>();
        var consumed = new HashSet<string>(StringComparer.Ordinal);
        foreach (Node node in ExecutionOrder.Sort(graph).Nodes)
        {
            if (Match(graph, node, pattern, consumed) is not { } match)
                continue;
            matches.Add(match);
            foreach (Node member in match.AllNodes())
                consumed.Add(member.Name);
        }
        return matches.ToImmutable();
    }

    private static NodeMatch? Match(Graph graph, Node node, OpPattern pattern, HashSet<string> consumed)
    {
        if (!pattern.Accepts(node.Op) || consumed.Contains(node.Name))
            return null;
        if (pattern.Inputs.IsEmpty)
            return new(node, []);
        var inputs = ImmutableArray.CreateBuilder<NodeMatch>(pattern.Inputs.Length);
        foreach (NodeInput input in node.Inputs)
        {
            if (input.IsControl)
                continue;
            if (inputs.Count == pattern.Inputs.Length
                || !graph.TryFind(input.Node, out var producer)
                || Match(graph, producer, pattern.Inputs[inputs.Count], consumed) is not { } match)
            {
                return null;
            }
            inputs.Add(match);
        }
        return inputs.Count == pattern.Inputs.Length ? new(node, inputs.MoveToImmutable()) : null;
    }
}
