using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized.Gemm;

/// <summary>What the quantized convolutions check of shapes and attributes: input [batch, height, width, channels], filter [height, width, channels, columns].</summary>
internal static class QuantizedConvolutions
{
    private const int Rank = 4;

    /// <summary>Makes the window along one dimension.</summary>
    public delegate Window WindowRule(string padding, long input, long size, long stride, long dilation);

    /// <summary>The convolution of a node; a depthwise one has channels · multiplier columns.</summary>
    /// <exception cref="ExecutionException">The shapes or attributes do not fit.</exception>
    public static IntegerConvolution Of(Node node, TensorShape input, TensorShape filter, WindowRule window, bool isDepthwise = false)
    {
        if (input.Rank != Rank)
            throw Refuse.Invalid($"input must be 4-dimensional: {input}");
        if (filter.Rank != Rank)
            throw Refuse.Invalid($"filter must be 4-dimensional: {filter}");
        if (input[3] >= 0 && filter[2] >= 0 && input[3] != filter[2])
            throw Refuse.Invalid($"input and filter must have the same depth: {input[3]} vs {filter[2]}");
        long[] strides = Spatial(node, "strides");
        long[] dilations = Spatial(node, "dilations");
        if (strides[0] != strides[1] && node.Op == "QuantizedConv2D")
            throw Refuse.Invalid("Current implementation only supports equal length strides in the row and column dimensions.");
        string padding = node.Text("padding");
        return new(window(padding, input[1], filter[0], strides[0], dilations[0]), window(padding, input[2], filter[1], strides[1], dilations[1]),
            checked((int)input[0]), checked((int)input[3]), checked((int)(isDepthwise ? filter[2] * filter[3] : filter[3])));
    }

    /// <summary>Shape of the result as far as it is known.</summary>
    public static TensorShape Infer(ShapeInference node, WindowRule window, bool isDepthwise = false)
    {
        TensorShape input = node.Shapes[0];
        TensorShape filter = node.Shapes[1];
        if (input.Rank != Rank && !input.IsUnknownRank)
            throw Refuse.Invalid($"input must be 4-dimensional: {input}");
        if (input.IsUnknownRank || !filter.IsFullyKnown)
            return TensorShape.Of(-1, -1, -1, -1);
        TensorShape known = Tensors.Map(input, (dimension, axis) => dimension >= 0 || axis == 3 ? dimension : filter.Dimensions.Max());
        IntegerConvolution convolution = Of(node.Node, known, filter, window, isDepthwise);
        return TensorShape.Of(input[0], input[1] < 0 ? -1 : convolution.Height.Output, input[2] < 0 ? -1 : convolution.Width.Output, convolution.Columns);
    }

    private static long[] Spatial(Node node, string attribute)
    {
        long[] values = node.Longs(attribute);
        if (values.Length != Rank)
            throw Refuse.Invalid($"attribute '{attribute}' must have 4 values, but has {values.Length}");
        if (values[0] != 1 || values[3] != 1)
            throw Refuse.Invalid($"Current implementation does not yet support {attribute} in the batch and depth dimensions.");
        return values[1..3];
    }
}
