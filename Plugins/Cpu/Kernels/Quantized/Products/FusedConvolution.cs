using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized;

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
    private const float UnsignedLevels = 255;
    private const float SignedLevels = 127;
    private const float Codes32 = 2147483648;

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node)
    {
        TensorShape shape = QuantizedConvolutions.Infer(node, Window, IsDepthwise(node.Node));
        var steps = FusedSteps.Of(node.Node);
        return steps.Requantizes ? QuantizedTypes.Shapes(shape) : [shape, node.Shapes[steps.Ranges + 2], node.Shapes[steps.Ranges + 3]];
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
        var steps = FusedSteps.Of(node);
        IntegerConvolution convolution = QuantizedConvolutions.Of(node, input.Shape, filter.Shape, Window, IsDepthwise(node));
        double[] sums = Multiply(convolution, input, filter, IsDepthwise(node), call.Cancellation);
        float inputEnd = CodeRange.Read(call.Inputs, steps.Ranges).Flushed.Magnitude;
        float[] filterEnds = ChannelRanges.Magnitudes(call.Inputs, steps.Ranges + 2, convolution.Columns);
        float inputLevels = Levels(input.Type);
        float[] codesPerUnit = [.. filterEnds.Select(end => inputLevels * SignedLevels / (inputEnd * end))];
        if (steps.HasBias)
            FusedSteps.AddBias(node, sums, call.Inputs[2], codesPerUnit);
        if (steps.Requantizes)
            return Requantized(call, steps, convolution.Shape, sums, [.. filterEnds.Select(end => inputEnd * end / (inputLevels * SignedLevels))]);
        QuantizedTypes.Require(node, "out_type", DataType.QInt32);
        if (steps.HasSum)
            AddNumbers(sums, convolution.Shape, call.Inputs[steps.Summand], codesPerUnit);
        Tensor result = steps.ToCodes(sums, convolution.Shape);
        return [result, Ends(filterEnds, -inputEnd / inputLevels, call.Inputs[steps.Ranges + 2].Shape), Ends(filterEnds, inputEnd / inputLevels, call.Inputs[steps.Ranges + 3].Shape)];
    }

    private static double[] Multiply(IntegerConvolution convolution, Tensor input, Tensor filter, bool isDepthwise, CancellationToken cancellation)
    {
        int[] sums = new int[convolution.Shape.ElementCount];
        if (isDepthwise)
            convolution.MultiplyDepthwise(QuantizedTypes.Centered(input, 0), QuantizedTypes.Centered(filter, 0), sums, cancellation);
        else
            convolution.Multiply(QuantizedTypes.Centered(input, 0), QuantizedTypes.Centered(filter, 0), 0, sums, cancellation);
        return Array.ConvertAll(sums, sum => (double)sum);
    }

    private static Tensor[] Requantized(KernelCall call, FusedSteps steps, TensorShape shape, ReadOnlySpan<double> sums, ReadOnlySpan<float> units)
    {
        QuantizedTypes.Require(call.Node, "out_type", DataType.QUInt8, DataType.QInt8);
        DataType type = call.Node.Type("out_type");
        bool isUnsigned = type == DataType.QUInt8;
        float highest = Levels(type);
        var range = CodeRange.Read(call.Inputs, steps.ResultRange);
        float unit = range.Flushed.Magnitude / highest;
        float[] codes = new float[sums.Length];
        for (int i = 0; i < codes.Length; i++)
            codes[i] = (float)sums[i] * (units[i % units.Length] / unit);
        if (steps.HasSum)
            AddCodes(codes, shape, call, steps, unit);
        for (int i = 0; i < codes.Length; i++)
            codes[i] = MathF.Round(codes[i]);
        float lowest = isUnsigned || steps.HasRelu ? 0 : sbyte.MinValue;
        return range.With(ChannelRanges.Saturate(codes, shape, type, lowest, steps.IsSumSigned ? SignedLevels : highest));
    }

    private static void AddCodes(Span<float> codes, TensorShape shape, KernelCall call, FusedSteps steps, float unit)
    {
        Tensor summand = call.Inputs[steps.Summand];
        QuantizedTypes.Require(summand, "a summand", DataType.QUInt8, DataType.QInt8);
        CheckSummand(summand, shape);
        float factor = CodeRange.Read(call.Inputs, steps.Summand + 1).Flushed.Magnitude / Levels(summand.Type) / unit;
        int[] added = QuantizedTypes.Centered(summand, 0);
        for (int i = 0; i < codes.Length; i++)
            codes[i] += added[i] * factor;
    }

    /// <summary>A float summand is rounded to codes; the sum is one of floats.</summary>
    private static void AddNumbers(Span<double> sums, TensorShape shape, Tensor summand, ReadOnlySpan<float> codesPerUnit)
    {
        QuantizedTypes.Require(summand, "a summand", DataType.Float);
        CheckSummand(summand, shape);
        ReadOnlySpan<float> numbers = summand.AsSpan<float>();
        for (int i = 0; i < sums.Length; i++)
            sums[i] = (float)sums[i] + MathF.Round(Denormals.Flush(numbers[i]) * codesPerUnit[i % codesPerUnit.Length]);
    }

    private static void CheckSummand(Tensor summand, TensorShape shape)
    {
        if (!summand.Shape.Equals(shape))
            throw Refuse.Invalid($"summand must have the shape of the result, {shape}, but has {summand.Shape}");
    }

    private static Tensor Ends(float[] filterEnds, float inputUnit, TensorShape shape)
    {
        float[] ends = [.. filterEnds.Select(end => inputUnit * (end / SignedLevels) * Codes32)];
        return Tensor.Create<float>(DataType.Float, shape, shape.Rank == 0 ? ends.AsSpan(0, 1) : ends);
    }

    private static float Levels(DataType type) => type == DataType.QUInt8 ? UnsignedLevels : SignedLevels;

    private static bool IsDepthwise(Node node) => node.Op.StartsWith("QuantizedDepthwise", StringComparison.Ordinal);

    private static Window Window(string padding, long input, long size, long stride, long dilation) => Kernels.Window.Of(padding, input, size, stride, dilation);
}
