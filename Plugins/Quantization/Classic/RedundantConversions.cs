using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Classic;

/// <summary>Last pass of quantize_nodes: what is dequantized and quantized again to its own range is read directly. What loses its readers stays for strip_unused_nodes.</summary>
internal static class RedundantConversions
{
    private static readonly OpPattern BackAndForth = OpPattern.Of("QuantizeV2", "Dequantize", "Min", "Max");

    public static Graph Remove(Graph graph, TransformContext context)
    {
        var outputs = context.OutputNames.Select(name => new NodeInput(name).Node).ToHashSet(StringComparer.Ordinal);
        var renames = new Dictionary<string, string>(StringComparer.Ordinal);
        graph = PatternReplacement.Apply(
            graph,
            BackAndForth,
            site =>
            {
                Node dequantize = site.Match.Inputs[0].Node;
                for (int port = 0; port < 3; port++)
                    renames[EightBitNodes.Output(site.Match.Node.Name, port).Text] = dequantize.Inputs[port].Text;
                context.Count("conversions removed");
                bool isRead = site.OutputNodes.Contains(dequantize.Name) || outputs.Contains(dequantize.Name);
                return isRead ? site.Match.AllNodes() : ImmutableArray<Node>.Empty;
            },
            allowInconsistencies: true);
        return InputRenaming.Apply(graph, renames);
    }
}
