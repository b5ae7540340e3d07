using TransformFramework.Graphs;
using TransformFramework.Toolkit.Graphs;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Toolkit.Patterns;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Classic;

/// <summary>Which nodes with an 8-bit op quantize_nodes leaves in float.</summary>
internal sealed class EightBitDeclines
{
    private readonly Graph graph;
    private readonly TransformContext context;
    private readonly HashSet<string> random;
    private readonly HashSet<string> sizedByData;
    private readonly HashSet<string> grouped;
    private readonly Lazy<IReadOnlyDictionary<string, TensorShape[]>> shapes;

    public EightBitDeclines(Graph graph, TransformContext context)
    {
        this.graph = graph;
        this.context = context;
        random = context.IsVerbatim ? [] : RandomTensors.Find(graph);
        sizedByData = context.IsVerbatim ? [] : TensorsSizedByData.Find(graph, context);
        grouped = context.IsVerbatim ? [] : GroupedConvolution.Find(graph, context);
        shapes = new(() => InferredShapes.Of(graph, context));
    }

    /// <summary>Why a node of the table stays float, or null.</summary>
    public Decline? Find(Node node, EightBitOp op)
    {
        OpDefinition definition = OpTable.Find(node.Op, context.IsVerbatim ? OpRelease.Tf115 : OpRelease.Union)!;
        var quantized = OpTypes.InputTypes(node, definition).Where((_, i) => i != op.FloatInput).Concat(OpTypes.OutputTypes(node, definition));
        if (quantized.FirstOrDefault(type => type != DataType.Float) is var other && other != default)
            return new($"it computes in {other.Name()}", node);
        if (grouped.Contains(node.Name))
            return new(GroupedConvolution.Reason, node);
        return context.IsVerbatim ? null : OfAttributes(node) is { } reason ? new(reason, node) : OfInputs(node, op);
    }

    private Decline? OfInputs(Node node, EightBitOp op)
    {
        for (int i = 0; i < node.Inputs.Length; i++)
        {
            if (i == op.FloatInput || node.Inputs[i].IsControl || graph.Find(node.Inputs[i].Node) is not { } producer)
                continue;
            if (random.Contains(producer.Name))
                return new($"its input '{node.Inputs[i]}' is random", producer);
            if (sizedByData.Contains(producer.Name))
                return new($"its input '{node.Inputs[i]}' may be empty, which has no range", producer);
        }
        return node.Op switch
        {
            "Concat" when IsNegative(node.Inputs[op.FloatInput]) => new("its axis counts from the end, which the 8-bit op does not know", node),
            "Add" or "Mul" when IsRepeatedOtherwise(node) => new("its operands are broadcast in a way that the 8-bit op does not know, as far as their shapes tell", node),
            _ => null,
        };
    }

    private bool IsNegative(NodeInput axis) => graph.Find(axis.Node)?.TensorAttribute("value") is { Type: DataType.Int32, IsDecodable: true, ElementCount: 1 } value && value.AsSpan<int>()[0] < 0;

    /// <summary>True unless the smaller operand is repeated over the larger one as it stands: it is one value, or its shape is the end of the other's. Dimensions that are not known count as equal to others than 1.</summary>
    private bool IsRepeatedOtherwise(Node node)
    {
        if (shapes.Value.Find(node.Inputs[0]) is not { IsUnknownRank: false } x || shapes.Value.Find(node.Inputs[1]) is not { IsUnknownRank: false } y)
            return node.Inputs[0] != node.Inputs[1];
        long[] first = [.. x.Dimensions.SkipWhile(dimension => dimension == 1)];
        long[] second = [.. y.Dimensions.SkipWhile(dimension => dimension == 1)];
        return first.Reverse().Zip(second.Reverse()).Any(pair => pair.First != pair.Second && (pair is { First: >= 0, Second: >= 0 } or { First: 1 } or { Second: 1 }));
    }

    private static string? OfAttributes(Node node)
    {
        if (node.String("data_format", "NHWC") is var format and not ("NHWC" or ""))
            return $"its data_format is {format}; the 8-bit op knows NHWC only";
        if (node.TryLongList("dilations", out var dilations) && dilations.Any(dilation => dilation != 1))
            return "it has dilations, which the 8-bit op has not";
        if (node.String("padding", "") == "EXPLICIT")
            return "it has explicit paddings, which the 8-bit op has not";
        if (node.Bool("half_pixel_centers", false))
            return "it has half_pixel_centers, which the 8-bit op has not";
        return node.Op == "Conv2D" && node.TryLongList("strides", out var strides) && strides is [_, var height, var width, _] && height != width ? "its strides are not equal, as the 8-bit op wants them" : null;
    }
}
