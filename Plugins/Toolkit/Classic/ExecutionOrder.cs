using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Toolkit.Classic;

/// <summary>
/// The original's topological order: Kahn's algorithm with a stack of ready nodes. A Merge is ready after one of its data inputs, which opens loops.
/// Pattern heads are tried in this order, so it decides which of several overlapping matches wins.
/// </summary>
public static class ExecutionOrder
{
    /// <summary>Nodes in execution order, as far as it goes, and what stopped it.</summary>
    /// <param name="Nodes">All nodes; with a cycle those before it; with a missing producer none.</param>
    /// <param name="Error">InvalidArgument, or null when the order is complete.</param>
    public readonly record struct Result(ImmutableArray<Node> Nodes, TransformException? Error);

    /// <summary>Sorts a graph's nodes.</summary>
    public static Result Sort(Graph graph)
    {
        ImmutableArray<Node> nodes = graph.Nodes;
        var indexes = new Dictionary<string, int>(nodes.Length, StringComparer.Ordinal);
        for (int i = 0; i < nodes.Length; i++)
            indexes[nodes[i].Name] = i;

        int[] pending = new int[nodes.Length];
        var consumers = new List<int>[nodes.Length];
        var ready = new Stack<int>();
        for (int i = 0; i < nodes.Length; i++)
        {
            Node node = nodes[i];
            pending[i] = PendingInputs(node);
            if (node.Inputs.IsEmpty)
                ready.Push(i);
            foreach (NodeInput input in node.Inputs)
            {
                if (!indexes.TryGetValue(input.Node, out int producer))
                    return new([], UnknownInput(node, input));
                (consumers[producer] ??= []).Add(i);
            }
        }

        var order = ImmutableArray.CreateBuilder<Node>(nodes.Length);
        while (ready.TryPop(out int next))
        {
            order.Add(nodes[next]);
            if (consumers[next] is not { } readers)
                continue;
            foreach (int reader in readers)
            {
                if (--pending[reader] == 0)
                    ready.Push(reader);
            }
        }
        int missing = nodes.Length - order.Count;
        return new(order.ToImmutable(), missing == 0 ? null : Cycle(graph, missing));
    }

    private static TransformException Cycle(Graph graph, int nodes)
    {
        const int listed = 8;
        var cycle = GraphCycles.Find(graph);
        string names = string.Join(", ", cycle.Take(listed).Select(name => $"'{name}'")) + (cycle.Length > listed ? $" and {cycle.Length - listed} more" : "");
        return new(StatusKind.InvalidArgument, $"{nodes} nodes in a cycle", cycle.IsEmpty ? null : cycle[0]) { Suggestion = $"These read one another: {names}." };
    }

    private static int PendingInputs(Node node) =>
        node.Op is "Merge" or "RefMerge" ? node.ControlInputs.Count() + 1 : node.Inputs.Length;

    private static TransformException UnknownInput(Node node, NodeInput input)
    {
        string spelling = (input.IsControl ? "^" : "") + input.Node;
        return new(StatusKind.InvalidArgument, $"Node '{node.Name}': Unknown input node '{spelling}'", node.Name);
    }
}
