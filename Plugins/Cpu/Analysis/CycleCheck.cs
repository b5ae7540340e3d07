using TransformFramework.Diagnostics;
using TransformFramework.Execution;

namespace TransformFramework.Cpu.Analysis;

/// <summary>Refuses nodes that wait for one another. A Merge waits for one of its data inputs only.</summary>
internal static class CycleCheck
{
    private const int Listed = 8;

    /// <exception cref="ExecutionException">InvalidArgument: there is a cycle; the message names its nodes.</exception>
    public static void Run(IReadOnlyList<AnalyzedNode> nodes)
    {
        int[] pending = new int[nodes.Count];
        var ready = new List<int>(nodes.Count);
        for (int i = 0; i < pending.Length; i++)
        {
            pending[i] = nodes[i].ControlInputs + (nodes[i].Kind == NodeKind.Merge ? Math.Min(nodes[i].DataInputs, 1) : nodes[i].DataInputs);
            if (pending[i] == 0)
                ready.Add(i);
        }
        int done = 0;
        for (; done < ready.Count; done++)
        {
            foreach (AnalyzedEdge edge in nodes[ready[done]].Edges)
            {
                if (--pending[edge.Consumer] == 0)
                    ready.Add(edge.Consumer);
            }
        }
        if (done == nodes.Count)
            return;
        string[] cycle = [.. Cycle(nodes, pending).Select(index => $"'{nodes[index].Node.Name}'")];
        throw new ExecutionException(StatusKind.InvalidArgument, $"the graph has a cycle: {string.Join(", ", cycle.Take(Listed))}{(cycle.Length > Listed ? $" and {cycle.Length - Listed} more" : "")} read one another", nodes[Array.FindIndex(pending, count => count > 0)].Node.Name);
    }

    /// <summary>From a node that waits to one that it waits for, until one comes again.</summary>
    private static IEnumerable<int> Cycle(IReadOnlyList<AnalyzedNode> nodes, int[] pending)
    {
        var producers = new Dictionary<int, int>();
        foreach (AnalyzedNode node in nodes.Where(node => pending[node.Index] > 0))
        {
            foreach (AnalyzedEdge edge in node.Edges.Where(edge => pending[edge.Consumer] > 0))
                producers.TryAdd(edge.Consumer, node.Index);
        }
        var places = new Dictionary<int, int>();
        var path = new List<int>();
        for (int at = producers.Keys.First(); places.TryAdd(at, path.Count); at = producers[at])
            path.Add(at);
        return path.Skip(places[producers[path[^1]]]).Reverse();
    }
}
