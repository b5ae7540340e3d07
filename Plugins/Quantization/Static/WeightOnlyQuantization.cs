using TransformFramework.Graphs;
using TransformFramework.Toolkit.Patterns;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Static;

/// <summary>Stores weights as signed 8-bit integers that are dequantized where they are read; the graph computes in float.</summary>
internal static class WeightOnlyQuantization
{
    private const int FewestElements = 256;

    /// <summary>The graph with the weights of the nodes in 8 bits. Small ones stay: they would not shrink the file.</summary>
    public static Graph Quantize(Graph graph, LayerSelection selection, ConstantValues constants, bool perChannel, TransformContext context)
    {
        foreach (var (node, decline) in selection.Declined)
            context.Explain(node.Name, $"its weights stay float: {decline.Reason}");
        var edit = new InPlaceEdit(graph, context);
        var done = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (Node node in selection.Chosen)
        {
            if (WeightsOf(node, constants, out Decline? decline) is not { } weights)
            {
                context.Explain(node.Name, $"its weights stay float: {decline!.Reason}");
                continue;
            }
            int axis = !perChannel ? -1 : AxisOf(node);
            NodeInput input = node.Inputs[WeightedLayer.WeightsInput];
            string key = $"{input.Canonical} {axis}";
            if (!done.TryGetValue(key, out string? dequantized))
                done[key] = dequantized = Insert(edit, node, input.Node, weights, axis, context);
            edit.Redirect(node, WeightedLayer.WeightsInput, dequantized);
        }
        return edit.Apply();
    }

    private static Tensor? WeightsOf(Node node, ConstantValues constants, out Decline? decline)
    {
        Tensor? weights = WeightedLayer.Of(node, constants, out string? reason)?.Weights;
        reason ??= weights!.ElementCount < FewestElements ? $"they are only {weights.ElementCount}"
            : weights.AsSpan<float>().ContainsAnyExceptInRange(float.MinValue, float.MaxValue) ? "they hold NaN or infinite elements"
            : null;
        decline = reason is null ? null : new(reason, node);
        return decline is null ? weights : null;
    }

    private static int AxisOf(Node node) => node.Op switch
    {
        "MatMul" => WeightedLayer.HasTransposedWeights(node) ? 0 : 1,
        "Conv3D" => 4,
        "DepthwiseConv2dNative" or "Conv2DBackpropInput" => 2,
        _ => 3,
    };

    private static string Insert(InPlaceEdit edit, Node reader, string name, Tensor weights, int axis, TransformContext context)
    {
        var (values, ends) = Quantized(weights, axis);
        TensorShape shape = axis < 0 ? TensorShape.Scalar : TensorShape.Of(ends.Length);
        Node constant = Node.Constant(edit.FreeName(name + "/quantized"), values);
        Node min = Node.Constant(edit.FreeName(name + "/range_min"), Tensor.Create<float>(DataType.Float, shape, [.. ends.Select(end => -end)]));
        Node max = Node.Constant(edit.FreeName(name + "/range_max"), Tensor.Create<float>(DataType.Float, shape, ends));
        Node dequantized = new Node(edit.FreeName(name + "/dequantized"), "Dequantize", constant.Name, min.Name, max.Name).With("T", DataType.QInt8).With("mode", "SCALED");
        foreach (Node node in (Node[])[constant, min, max, axis < 0 ? dequantized : dequantized.With("axis", axis)])
            edit.InsertBefore(reader, node);
        context.Count("weights quantized");
        return dequantized.Name;
    }

    private static (Tensor Values, float[] Ends) Quantized(Tensor weights, int axis)
    {
        int channels = axis < 0 ? 1 : (int)weights.Shape[axis];
        long stride = axis < 0 ? weights.ElementCount : weights.Shape.Dimensions.Skip(axis + 1).Aggregate(1L, (product, dimension) => product * dimension);
        ReadOnlySpan<float> values = weights.AsSpan<float>();
        float[] ends = new float[channels];
        for (int i = 0; i < values.Length; i++)
            ends[i / stride % channels] = Math.Max(ends[i / stride % channels], Math.Abs(values[i]));
        for (int i = 0; i < channels; i++)
            ends[i] = ends[i] > 0 ? ends[i] : 1;
        Tensor quantized = Tensor.Allocate<sbyte>(DataType.QInt8, weights.Shape, out var elements);
        for (int i = 0; i < elements.Length; i++)
            elements[i] = (sbyte)Math.Clamp(MathF.Round(values[i] * (127 / ends[i / stride % channels])), -127, 127);
        return (quantized, ends);
    }
}
