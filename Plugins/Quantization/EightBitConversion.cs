using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization;

/// <summary>Fourth and main pass of quantize_nodes: each float op of the table becomes its 8-bit form between conversions.</summary>
internal static class EightBitConversion
{
    public static Graph Apply(Graph graph, QuantizeNodesOptions options, TransformContext context)
    {
        string[] ops = [.. EightBitOp.Names.Where(op => !options.IgnoreOp.Contains(op))];
        if (context.IsExplaining)
            ExplainOthers(graph, ops, options, context);
        return ops.Length == 0 ? graph : PatternReplacement.Apply(graph, string.Join('|', ops), site => Convert(site.Match.Node, options, context));
    }

    private static IEnumerable<Node> Convert(Node node, QuantizeNodesOptions options, TransformContext context)
    {
        EightBitOp op = EightBitOp.Of(node.Op);
        if (WhyNot(node, op, context) is { } reason)
        {
            context.Explain(node.Name, reason);
            return [node];
        }
        context.Count("ops quantized");
        return new EightBitSubgraph(node, op, options, context).Nodes;
    }

    private static string? WhyNot(Node node, EightBitOp op, TransformContext context)
    {
        OpDefinition definition = OpTable.Find(node.Op, context.IsVerbatim ? OpRelease.Tf115 : OpRelease.Union)!;
        var inputs = OpTypes.InputTypes(node, definition);
        var outputs = OpTypes.OutputTypes(node, definition);
        var quantized = inputs.Where((_, i) => i != op.FloatInput).Concat(outputs);
        if (quantized.FirstOrDefault(type => type != DataType.Float) is var other && other != default)
            return $"it computes in {other.Name()}";
        return context.IsVerbatim ? null : EightBitHazards.Find(node);
    }

    /// <summary>Says of every other op with float results that nothing quantizes it.</summary>
    private static void ExplainOthers(Graph graph, string[] ops, QuantizeNodesOptions options, TransformContext context)
    {
        foreach (Node node in graph.Nodes.Where(node => !ops.Contains(node.Op) && node.TypeAttribute("T") == DataType.Float))
        {
            string reason = options.IgnoreOp.Contains(node.Op) ? "ignore_op names its op" : $"op {node.Op} has no 8-bit form here";
            context.Explain(node.Name, reason);
        }
    }
}
