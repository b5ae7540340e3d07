using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Graphs;

/// <summary>Finds nodes that wait for one another. A Merge waits for one of its data inputs only, so loops are no cycles.</summary>
public static class GraphCycles
{
    /// <summary>The names of one cycle, each node before one that reads it; empty when there is none. Inputs that do not exist do not count.</summary>
    public static ImmutableArray<string> Find(Graph graph)
    {
        ImmutableArray<Node> nodes = graph.Nodes;
        var indexes = new Dictionary<string, int>(nodes.Length, StringComparer.Ordinal);
        for (int i = 0; i < nodes.Length; i++)
            indexes[nodes[i].Name] = i;
        int[] pending = new int[nodes.Length];
        var consumers = new List<int>?[nodes.Length];
        var ready = new Stack<int>();
        for (int i = 0; i < nodes.Length; i++)
        {
            pending[i] = Pending(nodes[i], indexes);
            if (pending[i] == 0)
                ready.Push(i);
            foreach (NodeInput input in nodes[i].Inputs)
            {
                if (indexes.TryGetValue(input.Node, out int producer))
                    (consumers[producer] ??= []).Add(i);
            }
        }
        int done = 0;
        for (; ready.TryPop(out int next); done++)
        {
            foreach (int consumer in consumers[next] ?? [])
            {
                if (--pending[consumer] == 0)
                    ready.Push(consumer);
            }
        }
        return done == nodes.Length ? [] : Walk(nodes, indexes, pending);
    }

    private static int Pending(Node node, Dictionary<string, int> indexes)
    {
        int known = 0;
        int knownData = 0;
        foreach (NodeInput input in node.Inputs)
        {
            if (!indexes.ContainsKey(input.Node))
                continue;
            known++;
            knownData += input.IsControl ? 0 : 1;
        }
        return node.Op is "Merge" or "RefMerge" ? known - knownData + Math.Min(knownData, 1) : known;
    }

    /// <summary>From a node that waits to one that it waits for, until one comes again.</summary>
    private static ImmutableArray<string> Walk(ImmutableArray<Node> nodes, Dictionary<string, int> indexes, int[] pending)
    {
        int at = Array.FindIndex(pending, count => count > 0);
        var path = new List<int>();
        var places = new Dictionary<int, int>();
        while (places.TryAdd(at, path.Count))
        {
            path.Add(at);
            at = nodes[at].Inputs.Where(input => indexes.ContainsKey(input.Node)).Select(input => indexes[input.Node]).First(producer => pending[producer] > 0);
        }
        return [.. path.Skip(places[at]).Reverse().Select(index => nodes[index].Name)];
    }
}
