using TransformFramework.Graphs;
using TransformFramework.Workflows.Sharding;

namespace TransformFramework.Workflows.Tuning;

/// <summary>Ranks the weighted layers of a graph by what quantizing each of them costs its result.</summary>
public static class LayerRanking
{
    private static readonly string[] WeightedOps = ["Conv2D", "DepthwiseConv2dNative", "MatMul"];

    /// <summary>The layers, the most sensitive first.</summary>
    /// <param name="graph">The prepared float graph.</param>
    /// <param name="sqnrsOf">Signal to noise in dB of each of some layers when it alone is quantized.</param>
    /// <param name="shard">Which of the layers, in the graph's order; null for all.</param>
    public static List<LayerSensitivity> Of(Graph graph, Func<Node[], IReadOnlyList<double>> sqnrsOf, ShardNumber? shard = null)
    {
        Node[] layers = [.. graph.Nodes.Where(IsLayer).Where((_, i) => shard?.Takes(i) ?? true)];
        return [.. layers.Zip(sqnrsOf(layers), (node, sqnr) => new LayerSensitivity(node.Name, sqnr)).OrderBy(layer => layer.Sqnr)];
    }

    private static bool IsLayer(Node node) => WeightedOps.Contains(node.Op);
}
