using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Classic;

/// <summary>First pass of quantize_nodes: placeholders take 8-bit data of a fixed range, their readers read it dequantized.</summary>
internal static class PlaceholderQuantization
{
    public static Graph Apply(Graph graph, float min, float max, TransformContext context)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var nodes = ImmutableArray.CreateBuilder<Node>(graph.Nodes.Length);
        foreach (Node node in graph.Nodes)
        {
            if (node.Op != "Placeholder" || (!context.IsVerbatim && node.TypeAttribute("dtype") != DataType.Float))
            {
                nodes.Add(node);
                continue;
            }
            string prefix = node.Name + "_eightbit";
            names.Add(node.Name);
            nodes.Add(node.With("dtype", DataType.QUInt8));
            nodes.Add(EightBitNodes.Scalar(prefix + "/min", min));
            nodes.Add(EightBitNodes.Scalar(prefix + "/max", max));
            nodes.Add(EightBitNodes.Dequantize(prefix + "/dequantize", node.Name, prefix + "/min", prefix + "/max"));
        }
        return graph.WithNodes([.. nodes.Select(node => Redirect(node, names))]);
    }

    private static Node Redirect(Node node, HashSet<string> names)
    {
        if (node.Op == "Dequantize" && names.Any(name => node.Name == name + "_eightbit/dequantize"))
            return node;
        return node.Inputs.Any(input => IsRedirected(input, names))
            ? node with { Inputs = [.. node.Inputs.Select(input => IsRedirected(input, names) ? NodeInput.Data(input.Node + "_eightbit/dequantize", input.Port) : input)] }
            : node;
    }

    private static bool IsRedirected(NodeInput input, HashSet<string> names) => !input.IsControl && names.Contains(input.Node);
}
