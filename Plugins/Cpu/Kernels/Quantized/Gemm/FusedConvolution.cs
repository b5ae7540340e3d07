using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;

namespace TransformFramework.Cpu.Kernels.Quantized.Gemm;

/// <summary>
/// The convolutions of oneDNN builds: quint8 input whose range starts at 0, or qint8 input (release 2) whose range is symmetric, qint8 filter with a symmetric range for all or for each output channel, no zero points; then bias, sum,
/// Relu and requantization as the op's name says. Ties go to even. The result of …SignedSum… ends at 127 although it is quint8.
/// </summary>
[Kernel(
    "QuantizedConv2DAndRelu", "QuantizedConv2DAndReluAndRequantize", "QuantizedConv2DAndRequantize", "QuantizedConv2DPerChannel",
    "QuantizedConv2DWithBias", "QuantizedConv2DWithBiasAndRelu", "QuantizedConv2DWithBiasAndReluAndRequantize", "QuantizedConv2DWithBiasAndRequantize",
    "QuantizedConv2DWithBiasSumAndRelu", "QuantizedConv2DWithBiasSumAndReluAndRequantize", "QuantizedConv2DWithBiasSignedSumAndReluAndRequantize",
    "QuantizedDepthwiseConv2D", "QuantizedDepthwiseConv2DWithBias", "QuantizedDepthwiseConv2DWithBiasAndRelu", "QuantizedDepthwiseConv2DWithBiasAndReluAndRequantize")]
internal sealed class FusedConvolution : IKernel
{
    private const float SignedLevels = 127;
    private const float QInt32Values = 2147483648;

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node)
    {
        TensorShape shape = QuantizedConvolutions.Infer(node, Window, IsDepthwise(node.Node));
        var parts = FusedOpName.Of(node.Node.Op);
        return parts.Requantizes ? QuantizedTypes.Shapes(shape) : [shape, node.Shapes[parts.Ranges + 2], node.Shapes[parts.Ranges + 3]];
    }

    public Tensor[] Compute(KernelCall call)
    {
        Node node = call.Node;
        Tensor input = call.Inputs[0];
        Tensor filter = call.Inputs[1];
        QuantizedTypes.Require(input, "an input", DataType.QUInt8, DataType.QInt8);
        QuantizedTypes.Require(filter, "a filter", DataType.QInt8);
        if (node.Attributes.ContainsKey("padding_list") && node.Longs("padding_list").Any(count => count != 0))
            throw Refuse.Unimplemented("attribute 'padding_list' must be empty or zeros; pad the input by a Pad node instead");
        var parts = FusedOpName.Of(node.Op);
        IntegerConvolution convolution = QuantizedConvolutions.Of(node, input.Shape, filter.Shape, Window, IsDepthwise(node));
        double[] accumulators = Multiply(convolution, input, filter, IsDepthwise(node), call.Cancellation);
        float[] quantizedPerUnit = FusedRequantization.QuantizedPerUnit(parts, call.Inputs, convolution.Columns);
        if (parts.HasBias)
            FusedAccumulators.AddBias(node, accumulators, call.Inputs[2], quantizedPerUnit);
        if (parts.Requantizes)
            return Requantized(call, parts, convolution.Shape, accumulators);
        QuantizedTypes.Require(node, "out_type", DataType.QInt32);
        if (parts.HasSum)
            AddRealValues(accumulators, convolution.Shape, call.Inputs[parts.Residual], quantizedPerUnit);
        return [FusedAccumulators.ToQuantized(parts, accumulators, convolution.Shape), .. Ends(call.Inputs, parts, convolution.Columns)];
    }

    private static double[] Multiply(IntegerConvolution convolution, Tensor input, Tensor filter, bool isDepthwise, CancellationToken cancellation)
    {
        int[] accumulators = new int[convolution.Shape.ElementCount];
        if (isDepthwise)
            convolution.MultiplyDepthwise(QuantizedTypes.Centered(input, 0), QuantizedTypes.Centered(filter, 0), accumulators, cancellation);
        else
            convolution.Multiply(QuantizedTypes.Centered(input, 0), QuantizedTypes.Centered(filter, 0), 0, accumulators, cancellation);
        return accumulators.Map(sum => (double)sum);
    }

    private static Tensor[] Requantized(KernelCall call, FusedOpName parts, TensorShape shape, ReadOnlySpan<double> accumulators)
    {
        var requantization = FusedRequantization.Of(call.Node, call.Inputs, (int)shape[3]);
        float[] scales = requantization.Scales;
        float[] quantized = new float[accumulators.Length];
        for (int i = 0; i < quantized.Length; i++)
            quantized[i] = (float)accumulators[i] * scales[i % scales.Length];
        if (parts.HasSum)
            AddQuantized(quantized, shape, call.Inputs[parts.Residual], requantization.ResidualScale);
        for (int i = 0; i < quantized.Length; i++)
            quantized[i] = MathF.Round(quantized[i]);
        return QuantizationRange.Read(call.Inputs, parts.ResultRange).With(ChannelRanges.Saturate(quantized, shape, call.Node.Type("out_type"), requantization.Lowest, requantization.Highest));
    }

    private static void AddQuantized(Span<float> quantized, TensorShape shape, Tensor residual, float factor)
    {
        QuantizedTypes.Require(residual, "a residual", DataType.QUInt8, DataType.QInt8);
        CheckResidual(residual, shape);
        int[] added = QuantizedTypes.Centered(residual, 0);
        for (int i = 0; i < quantized.Length; i++)
            quantized[i] += added[i] * factor;
    }

    /// <summary>A float residual is rounded to quantized values; the sum is one of floats.</summary>
    private static void AddRealValues(Span<double> accumulators, TensorShape shape, Tensor residual, ReadOnlySpan<float> quantizedPerUnit)
    {
        QuantizedTypes.Require(residual, "a residual", DataType.Float);
        CheckResidual(residual, shape);
        ReadOnlySpan<float> reals = residual.AsSpan<float>();
        for (int i = 0; i < accumulators.Length; i++)
            accumulators[i] = (float)accumulators[i] + MathF.Round(Denormals.Flush(reals[i]) * quantizedPerUnit[i % quantizedPerUnit.Length]);
    }

    private static void CheckResidual(Tensor residual, TensorShape shape)
    {
        if (!residual.Shape.Equals(shape))
            throw Refuse.Invalid($"residual must have the shape of the result, {shape}, but has {residual.Shape}");
    }

    /// <summary>The ends of the ranges of the accumulators, in the shapes of those of the filter.</summary>
    public static Tensor[] Ends(IReadOnlyList<Tensor> inputs, FusedOpName parts, int columns)
    {
        float inputUnit = QuantizationRange.Read(inputs, parts.Ranges).Flushed.Magnitude / FusedRequantization.Levels(inputs[0].Type);
        float[] filterEnds = ChannelRanges.Magnitudes(inputs, parts.Ranges + 2, columns);
        return [Ends(filterEnds, -inputUnit, inputs[parts.Ranges + 2].Shape), Ends(filterEnds, inputUnit, inputs[parts.Ranges + 3].Shape)];
    }

    public static bool IsDepthwise(Node node) => node.Op.StartsWith("QuantizedDepthwise", StringComparison.Ordinal);

    private static Tensor Ends(float[] filterEnds, float inputUnit, TensorShape shape)
    {
        float[] ends = filterEnds.Map(end => inputUnit * (end / SignedLevels) * QInt32Values);
        return Tensor.Create<float>(DataType.Float, shape, shape.Rank == 0 ? ends.AsSpan(0, 1) : ends);
    }

    public static Window Window(string padding, long input, long size, long stride, long dilation) => Kernels.Window.Of(padding, input, size, stride, dilation);
}
