using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Classic;

/// <summary>Fourth and main pass of quantize_nodes: each float op of the table becomes its 8-bit form between conversions.</summary>
internal static class EightBitConversion
{
    public static Graph Apply(Graph graph, QuantizeNodesOptions options, TransformContext context)
    {
        string[] ops = [.. EightBitOp.Names.Where(op => !options.IgnoreOp.Contains(op))];
        ChannelRangeImbalance.Warn(graph, (node, _) => ops.Contains(node.Op) && DeclineOf(node, EightBitOp.Of(node.Op), context) is null, context);
        var report = context.IsExplaining ? new FloatNodeReport(graph, context) : null;
        foreach (Node node in graph.Nodes.Where(node => !ops.Contains(node.Op)))
            report?.AddOther(node, options);
        var frames = context.IsVerbatim ? [] : LoopFrames.Of(graph, out _);
        return ops.Length == 0 ? graph : PatternReplacement.Apply(graph, string.Join('|', ops), site => Convert(site.Match.Node, frames, options, report, context));
    }

    private static IEnumerable<Node> Convert(Node node, Dictionary<string, string> frames, QuantizeNodesOptions options, FloatNodeReport? report, TransformContext context)
    {
        EightBitOp op = EightBitOp.Of(node.Op);
        if (DeclineOf(node, op, context) is { } reason)
        {
            report?.Add(node, reason);
            return [node];
        }
        context.Count("ops quantized");
        bool isInLoop = frames.GetValueOrDefault(node.Name, "").Length > 0;
        return new EightBitSubgraph(node, op, options, isInLoop, context).Nodes;
    }

    private static string? DeclineOf(Node node, EightBitOp op, TransformContext context)
    {
        OpDefinition definition = OpTable.Find(node.Op, context.IsVerbatim ? OpRelease.Tf115 : OpRelease.Union)!;
        var inputs = OpTypes.InputTypes(node, definition);
        var outputs = OpTypes.OutputTypes(node, definition);
        var quantized = inputs.Where((_, i) => i != op.FloatInput).Concat(outputs);
        if (quantized.FirstOrDefault(type => type != DataType.Float) is var other && other != default)
            return $"it computes in {other.Name()}";
        return context.IsVerbatim ? null : EightBitDeclines.Find(node);
    }
}
