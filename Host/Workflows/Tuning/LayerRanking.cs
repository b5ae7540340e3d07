using TransformFramework.Graphs;
using TransformFramework.Workflows.Progress;
using TransformFramework.Workflows.Sharding;

namespace TransformFramework.Workflows.Tuning;

/// <summary>Ranks the weighted layers of a graph by what quantizing each of them alone costs.</summary>
public static class LayerRanking
{
    private static readonly string[] WeightedOps = ["Conv2D", "DepthwiseConv2dNative", "MatMul"];

    /// <summary>The layers, the most sensitive first.</summary>
    /// <param name="graph">The prepared float graph.</param>
    /// <param name="sqnrOfAlone">Signal to noise of the outputs in dB when one layer alone is quantized.</param>
    /// <param name="cancellation">Ends the ranking.</param>
    /// <param name="progress">Receives how many layers have been measured.</param>
    /// <param name="shard">Which of the layers, in the graph's order; null for all.</param>
    public static List<LayerSensitivity> Of(Graph graph, Func<Node, double> sqnrOfAlone, CancellationToken cancellation, IProgress<WorkProgress>? progress, ShardNumber? shard = null)
    {
        Node[] layers = [.. graph.Nodes.Where(node => WeightedOps.Contains(node.Op)).Where((_, i) => shard?.Takes(i) ?? true)];
        var ranked = new List<LayerSensitivity>();
        foreach (Node node in new ProgressMeter(progress, "ranking layers", layers.Length).Count(layers))
        {
            cancellation.ThrowIfCancellationRequested();
            ranked.Add(new(node.Name, sqnrOfAlone(node)));
        }
        return [.. ranked.OrderBy(layer => layer.Sqnr)];
    }
}
