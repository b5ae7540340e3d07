using TransformFramework.ModelFiles;
using TransformFramework.Onnx.Model;

namespace TransformFramework.Onnx.Reading;

/// <summary>Brings nodes into an order in which producers come first. Files should have them so, but need not.</summary>
internal static class NodeOrder
{
    /// <exception cref="ModelFormatException">A node reads what nothing computes, or nodes read each other.</exception>
    public static List<OnnxNode> Sort(IReadOnlyList<OnnxNode> nodes, Func<string, bool> isGiven)
    {
        var producers = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < nodes.Count; i++)
        {
            foreach (string output in nodes[i].Outputs)
                producers[output] = i;
        }
        producers.Remove("");
        List<int>?[] consumers = new List<int>?[nodes.Count];
        int[] pending = new int[nodes.Count];
        for (int i = 0; i < nodes.Count; i++)
        {
            foreach (string input in Reads(nodes[i]).Distinct(StringComparer.Ordinal))
            {
                if (producers.TryGetValue(input, out int producer))
                {
                    (consumers[producer] ??= []).Add(i);
                    pending[i]++;
                }
                else if (!isGiven(input))
                {
                    throw Missing(nodes[i], input);
                }
            }
        }
        var ready = new PriorityQueue<int, int>();
        for (int i = 0; i < nodes.Count; i++)
        {
            if (pending[i] == 0)
                ready.Enqueue(i, i);
        }
        var order = new List<OnnxNode>(nodes.Count);
        while (ready.TryDequeue(out int next, out _))
        {
            order.Add(nodes[next]);
            foreach (int consumer in consumers[next] ?? [])
            {
                if (--pending[consumer] == 0)
                    ready.Enqueue(consumer, consumer);
            }
        }
        return order.Count == nodes.Count ? order : throw Cycle(nodes, pending);
    }

    /// <summary>A node reads what no node computes.</summary>
    public static ModelFormatException Missing(OnnxNode node, string input) => new($"node '{GraphReader.Label(node)}' ({node.QualifiedOp}) reads '{input}', which no node, input or initializer gives")
    {
        DiagnosticId = OnnxDiagnostics.Missing.Id,
        Suggestion = "The file is damaged or was cut wrongly; export it again.",
    };

    /// <summary>Names that a node reads, those that graphs in it take from around included.</summary>
    private static IEnumerable<string> Reads(OnnxNode node) =>
        node.Inputs.Where(input => input.Length > 0).Concat(node.Attributes.Values.OfType<OnnxGraph>().SelectMany(Free));

    private static IEnumerable<string> Free(OnnxGraph graph)
    {
        var own = new HashSet<string>(graph.Inputs.Select(input => input.Name), StringComparer.Ordinal);
        own.UnionWith(graph.Initializers.Select(initializer => initializer.Name));
        own.UnionWith(graph.Nodes.SelectMany(node => node.Outputs));
        return graph.Nodes.SelectMany(Reads).Concat(graph.Outputs.Select(output => output.Name)).Where(name => !own.Contains(name));
    }

    private static ModelFormatException Cycle(IReadOnlyList<OnnxNode> nodes, int[] pending)
    {
        IEnumerable<string> names = nodes.Where((_, i) => pending[i] > 0).Take(5).Select(node => $"'{GraphReader.Label(node)}' ({node.QualifiedOp})");
        return new($"nodes read each other in a cycle: {string.Join(", ", names)}") { DiagnosticId = OnnxDiagnostics.Cycle.Id, Suggestion = "The file is damaged; export it again. Loops are written by Loop or Scan." };
    }
}
