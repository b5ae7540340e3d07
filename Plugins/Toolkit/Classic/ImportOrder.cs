using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Classic;

/// <summary>
/// The order in which TensorFlow's import creates nodes: again and again the first one in the file whose inputs have all been created. A Merge
/// that a NextIteration feeds waits for one data input only.
/// </summary>
public static class ImportOrder
{
    /// <summary>The graph in that order; nodes on a cycle or behind one are left out.</summary>
    public static Graph Sort(Graph graph)
    {
        var indices = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < graph.Nodes.Length; i++)
            indices[graph.Nodes[i].Name] = i;
        var readers = new List<int>[graph.Nodes.Length];
        int[] pending = new int[graph.Nodes.Length];
        var ready = new PriorityQueue<int, int>();
        for (int i = 0; i < graph.Nodes.Length; i++)
        {
            Node node = graph.Nodes[i];
            foreach (NodeInput input in node.Inputs)
                (readers[indices[input.Node]] ??= []).Add(i);
            pending[i] = IsLoopMerge(graph, node) ? node.ControlInputs.Count() + 1 : node.Inputs.Length;
            if (pending[i] == 0)
                ready.Enqueue(i, i);
        }
        var order = ImmutableArray.CreateBuilder<Node>(graph.Nodes.Length);
        while (ready.TryDequeue(out int next, out _))
        {
            order.Add(graph.Nodes[next]);
            foreach (int reader in readers[next] ?? [])
            {
                if (--pending[reader] == 0)
                    ready.Enqueue(reader, reader);
            }
        }
        return graph.WithNodes(order.DrainToImmutable());
    }

    private static bool IsLoopMerge(Graph graph, Node node) =>
        node.Op is "Merge" or "RefMerge" && node.DataInputs.Any(input => graph.Find(input.Node)?.Op is "NextIteration" or "RefNextIteration");
}
