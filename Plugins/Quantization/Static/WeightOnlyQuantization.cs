using TransformFramework.Graphs;
using TransformFramework.Quantization.Static.Rounding;
using TransformFramework.Quantization.Static.Samples;
using TransformFramework.Toolkit.Patterns;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Static;

/// <summary>Stores weights as signed 8-bit integers that are dequantized where they are read; the graph computes in float.</summary>
internal static class WeightOnlyQuantization
{
    /// <summary>The first release whose Dequantize has an axis.</summary>
    private const string OldestReader = "tf2.1";

    /// <summary>Weights of fewer elements would not shrink the file.</summary>
    public const int FewestElements = 256;

    /// <summary>The chosen layers that can be rounded for the data that they see.</summary>
    /// <param name="graph">The float graph.</param>
    /// <param name="nodes">The nodes.</param>
    /// <param name="constants">The graph's constants.</param>
    /// <param name="fewest">Weights of fewer elements are left out.</param>
    /// <param name="context">The run.</param>
    public static IEnumerable<FusedLayer> Roundable(Graph graph, IEnumerable<Node> nodes, ConstantValues constants, int fewest, TransformContext context) =>
        nodes.Where(node => WeightsOf(node, constants, fewest, out _) is not null).Select(node => Roundable(graph, node, constants, context)).OfType<FusedLayer>();

    /// <summary>The graph with the weights of the nodes in 8 bits.</summary>
    /// <param name="graph">The float graph.</param>
    /// <param name="selection">The nodes.</param>
    /// <param name="constants">The graph's constants.</param>
    /// <param name="perChannel">One range for each output channel.</param>
    /// <param name="rounded">Layers that are rounded already, by the name of their op; others are rounded to nearest and keep their biases.</param>
    /// <param name="correctsBias">Whether biases take off what rounding adds to means.</param>
    /// <param name="fewest">Weights of fewer elements stay.</param>
    /// <param name="context">The run.</param>
    public static Graph Quantize(Graph graph, LayerSelection selection, ConstantValues constants, bool perChannel, IReadOnlyDictionary<string, RoundedLayer> rounded, bool correctsBias, int fewest, TransformContext context)
    {
        foreach (var (node, decline) in selection.Declined)
            context.Explain(node.Name, $"its weights stay float: {decline.Reason}");
        var edit = new InPlaceEdit(graph, context);
        var done = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (Node node in selection.Chosen)
        {
            if (WeightsOf(node, constants, fewest, out Decline? decline) is not { } weights)
            {
                context.Explain(node.Name, $"its weights stay float: {decline!.Reason}");
                continue;
            }
            int axis = !perChannel ? -1 : AxisOf(node);
            NodeInput input = node.Inputs[WeightedLayer.WeightsInput];
            string key = $"{input.Canonical} {axis}";
            if (!done.TryGetValue(key, out string? dequantized))
                done[key] = dequantized = Insert(edit, node, input.Node, rounded.GetValueOrDefault(node.Name) is { } known ? Stored(node, weights, known.Filter) : Quantized(weights, axis), axis, context);
            edit.Redirect(node, WeightedLayer.WeightsInput, dequantized);
            if (correctsBias && rounded.TryGetValue(node.Name, out var layer))
                CorrectBias(edit, node, layer.MeanErrors, constants);
        }
        return edit.Apply();
    }

    private static Tensor? WeightsOf(Node node, ConstantValues constants, int fewest, out Decline? decline)
    {
        Tensor? weights = WeightedLayer.Of(node, constants, out string? reason)?.Weights;
        reason ??= weights!.ElementCount < fewest ? $"they are only {weights.ElementCount}"
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

    /// <summary>The layer, where its weights are its own and each output channel has one range.</summary>
    private static FusedLayer? Roundable(Graph graph, Node node, ConstantValues constants, TransformContext context)
    {
        if (graph.ConsumersOf(node.Inputs[WeightedLayer.WeightsInput].Node).Length != 1 || FusedLayer.Of(graph, node, constants, context, out _) is not { } layer)
            return null;
        long inputs = layer.Op.Weights.ElementCount / layer.Op.OutputChannels;
        return inputs > ErrorFeedback.MostInputs || (layer.IsDepthwise && layer.Op.OutputChannels != layer.Op.InputChannels) ? null : layer;
    }

    /// <summary>Values and ranges in the layout of the node's weights.</summary>
    private static (Tensor Values, float[] Ends) Stored(Node node, Tensor weights, QuantizedFilter filter)
    {
        if (!WeightedLayer.HasTransposedWeights(node))
            return (Tensor.FromContent(DataType.QInt8, weights.Shape, filter.Values.Bytes), filter.Ends);
        Tensor turned = Tensor.Allocate<sbyte>(DataType.QInt8, weights.Shape, out var elements);
        ReadOnlySpan<sbyte> values = filter.Values.AsSpan<sbyte>();
        int columns = (int)weights.Shape[0];
        int rows = (int)weights.Shape[1];
        for (int i = 0; i < elements.Length; i++)
            elements[i] = values[(i % rows * columns) + (i / rows)];
        return (turned, filter.Ends);
    }

    private static void CorrectBias(InPlaceEdit edit, Node node, float[] errors, ConstantValues constants)
    {
        if (edit.Graph.ConsumersOf(node) is not [{ Node: { Op: "BiasAdd" } bias, Input: 0 }] || constants.FindFloat(bias.Inputs[1]) is not { } values || values.ElementCount != errors.Length)
            return;
        edit.ReplaceConstant(bias, 1, Tensor.Create<float>(DataType.Float, values.Shape, [.. values.ToSingles().Zip(errors, (value, error) => value - error)]), "/corrected");
    }

    /// <summary>Adds quantized weights before their reader.</summary>
    /// <returns>Their real values.</returns>
    public static string Insert(InPlaceEdit edit, Node reader, string name, (Tensor Values, float[] Ends) quantized, int axis, TransformContext context)
    {
        var (values, ends) = quantized;
        TensorShape shape = axis < 0 ? TensorShape.Scalar : TensorShape.Of(ends.Length);
        Node constant = Node.Constant(edit.FreeName(name + "/quantized"), values);
        Node min = Node.Constant(edit.FreeName(name + "/range_min"), Tensor.Create<float>(DataType.Float, shape, [.. ends.Select(end => -end)]));
        Node max = Node.Constant(edit.FreeName(name + "/range_max"), Tensor.Create<float>(DataType.Float, shape, ends));
        Node dequantized = new Node(edit.FreeName(name + "/dequantized"), "Dequantize", constant.Name, min.Name, max.Name).With("T", DataType.QInt8).With("mode", "SCALED");
        if (axis >= 0)
            context.WrittenFor = OldestReader;
        foreach (Node node in (Node[])[constant, min, max, axis < 0 ? dequantized : dequantized.With("axis", axis)])
            edit.InsertBefore(reader, node);
        context.Count("weights quantized");
        return dequantized.Name;
    }

    /// <summary>Weights rounded to nearest, with a range along an axis, or one for -1.</summary>
    public static (Tensor Values, float[] Ends) Quantized(Tensor weights, int axis)
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
