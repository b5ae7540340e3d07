using TransformFramework.Graphs;
using TransformFramework.Workflows.Progress;
using TransformFramework.Workflows.Sharding;

namespace TransformFramework.Workflows.Tuning;

/// <summary>Ranks the weighted layers of a graph by what quantizing each of them alone costs.</summary>
public static class LayerRanking
{
    /// <summary>Layers measured at a time, beside one run of the float graph; so many compiled graphs are in memory.</summary>
    private const int AtOnce = 8;

    private static readonly string[] WeightedOps = ["Conv2D", "DepthwiseConv2dNative", "MatMul"];

    /// <summary>How many layers a graph has.</summary>
    public static int Count(Graph graph) => graph.Nodes.Count(IsLayer);

    /// <summary>The layers, the most sensitive first.</summary>
    /// <param name="graph">The prepared float graph.</param>
    /// <param name="sqnrsOfAlone">Signal to noise of the outputs in dB for each of some layers when it alone is quantized.</param>
    /// <param name="cancellation">Ends the ranking.</param>
    /// <param name="progress">Receives how many layers have been measured.</param>
    /// <param name="shard">Which of the layers, in the graph's order; null for all.</param>
    public static List<LayerSensitivity> Of(Graph graph, Func<Node[], IReadOnlyList<double>> sqnrsOfAlone, CancellationToken cancellation, IProgress<WorkProgress>? progress, ShardNumber? shard = null)
    {
        Node[] layers = [.. graph.Nodes.Where(IsLayer).Where((_, i) => shard?.Takes(i) ?? true)];
        var ranked = new List<LayerSensitivity>();
        var meter = new ProgressMeter(progress, "ranking layers", layers.Length).Start();
        foreach (Node[] some in layers.Chunk(AtOnce))
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var (node, sqnr) in some.Zip(sqnrsOfAlone(some)))
            {
                ranked.Add(new(node.Name, sqnr));
                meter.Step();
            }
        }
        return [.. ranked.OrderBy(layer => layer.Sqnr)];
    }

    private static bool IsLayer(Node node) => WeightedOps.Contains(node.Op);
}
