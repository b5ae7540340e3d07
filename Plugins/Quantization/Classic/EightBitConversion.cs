using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Classic;

/// <summary>Fourth and main pass of quantize_nodes: each float op of the table becomes its 8-bit version between conversions.</summary>
internal static class EightBitConversion
{
    public static Graph Apply(Graph graph, QuantizeNodesOptions options, TransformContext context)
    {
        string[] ops = [.. EightBitOp.Names.Where(op => !options.IgnoreOp.Contains(op))];
        var declines = new EightBitDeclines(graph, context);
        ChannelRangeImbalance.Warn(graph, (node, weights) => ops.Contains(node.Op) && declines.Find(node, EightBitOp.Of(node.Op)) is null ? FloatExtremes.Of(weights.TensorAttribute("value")!.AsSpan<float>()) : null, context);
        var report = context.IsExplaining ? new FloatNodeReport(graph, context) : null;
        foreach (Node node in graph.Nodes.Where(node => !ops.Contains(node.Op)))
            report?.AddOther(node, options);
        var frames = context.IsVerbatim ? [] : LoopFrames.Of(graph, out _);
        return ops.Length == 0 ? graph : PatternReplacement.Apply(graph, string.Join('|', ops), site => Convert(site.Match.Node));

        IEnumerable<Node> Convert(Node node)
        {
            EightBitOp op = EightBitOp.Of(node.Op);
            if (declines.Find(node, op) is { } decline)
            {
                report?.Add(node, decline);
                return [node];
            }
            context.Count("ops quantized");
            bool isInLoop = frames.GetValueOrDefault(node.Name, "").Length > 0;
            return new EightBitSubgraph(node, op, options, isInLoop, context).Nodes;
        }
    }
}
