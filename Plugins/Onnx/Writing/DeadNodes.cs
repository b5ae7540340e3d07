using TransformFramework.Onnx.Model;

namespace TransformFramework.Onnx.Writing;

/// <summary>Takes out of a graph what no output needs.</summary>
internal static class DeadNodes
{
    public static void Remove(OnnxGraph graph)
    {
        HashSet<string> needed = [.. graph.Outputs.Select(output => output.Name)];
        for (int i = graph.Nodes.Count - 1; i >= 0; i--)
        {
            OnnxNode node = graph.Nodes[i];
            if (!node.Outputs.Any(needed.Contains))
            {
                graph.Nodes.RemoveAt(i);
                continue;
            }
            foreach (OnnxGraph body in node.Attributes.Values.OfType<OnnxGraph>())
            {
                Remove(body);
                needed.UnionWith(Reads(body));
            }
            needed.UnionWith(node.Inputs);
        }
        graph.Initializers.RemoveAll(initializer => !needed.Contains(initializer.Name));
    }

    private static IEnumerable<string> Reads(OnnxGraph graph) =>
        graph.Nodes.SelectMany(node => node.Inputs.Concat(node.Attributes.Values.OfType<OnnxGraph>().SelectMany(Reads))).Concat(graph.Outputs.Select(output => output.Name));
}
