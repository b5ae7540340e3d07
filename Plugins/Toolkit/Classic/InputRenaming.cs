using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Toolkit.Classic;

/// <summary>
/// Redirects inputs by a map source → destination, following chains to their end. A source <c>x:*</c> stands for every reference to x, control references
/// included, and keeps prefix and port; any other source matches its canonical form only.
/// </summary>
public static class InputRenaming
{
    private const string AnyPort = ":*";

    /// <summary>The graph with its inputs redirected; nodes that <paramref name="ignored"/> names keep theirs.</summary>
    /// <exception cref="TransformException">InvalidArgument: following the map leads in a circle.</exception>
    public static Graph Apply(Graph graph, IEnumerable<KeyValuePair<string, string>> renames, IReadOnlySet<string>? ignored = null) =>
        graph.WithNodes(Apply(graph.Nodes, renames, ignored));

    /// <inheritdoc cref="Apply(Graph, IEnumerable{KeyValuePair{string, string}}, IReadOnlySet{string}?)"/>
    public static ImmutableArray<Node> Apply(ImmutableArray<Node> nodes, IEnumerable<KeyValuePair<string, string>> renames, IReadOnlySet<string>? ignored = null)
    {
        var groups = Group(renames);
        if (groups.Count == 0)
            return nodes;
        return [.. nodes.Select(node => ignored?.Contains(node.Name) == true ? node : Rename(node, groups))];
    }

    private static Dictionary<string, List<(string Source, string Destination)>> Group(IEnumerable<KeyValuePair<string, string>> renames)
    {
        var groups = new Dictionary<string, List<(string, string)>>(StringComparer.Ordinal);
        foreach (var (source, destination) in renames.OrderBy(rename => rename.Key, NameOrder.Instance))
        {
            string name = new NodeInput(source).Node;
            if (!groups.TryGetValue(name, out var group))
                groups[name] = group = [];
            group.Add((source, destination));
        }
        return groups;
    }

    private static Node Rename(Node node, Dictionary<string, List<(string Source, string Destination)>> groups)
    {
        ImmutableArray<NodeInput>.Builder? changed = null;
        for (int i = 0; i < node.Inputs.Length; i++)
        {
            NodeInput renamed = Follow(node.Inputs[i], groups);
            if (renamed == node.Inputs[i])
                continue;
            changed ??= node.Inputs.ToBuilder();
            changed[i] = renamed;
        }
        return changed is null ? node : node with { Inputs = changed.MoveToImmutable() };
    }

    private static NodeInput Follow(NodeInput input, Dictionary<string, List<(string Source, string Destination)>> groups)
    {
        if (!groups.ContainsKey(input.Node))
            return input;
        var visited = new HashSet<string>(StringComparer.Ordinal);
        while (groups.TryGetValue(input.Node, out var group))
        {
            if (!visited.Add(input.Node))
                throw new TransformException(StatusKind.InvalidArgument, $"RenameNodeInputs argument contains a cycle for {input.Node}", input.Node);
            bool matched = false;
            foreach (var (source, destination) in group)
            {
                if (source.EndsWith(AnyPort, StringComparison.Ordinal))
                {
                    input = input.WithNode(new NodeInput(destination).Node);
                    matched = true;
                }
                else if (new NodeInput(source).Canonical == input.Canonical)
                {
                    input = destination;
                    matched = true;
                }
            }
            if (!matched)
                break;
        }
        return input;
    }
}
