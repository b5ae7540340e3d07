using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized.Gemm;

/// <summary>
/// The products of oneDNN builds: quint8 by qint8 with bias, then Relu and requantization as the op's name says. In mode MIN_FIRST the float bias takes up what the
/// range's start adds; a qint32 bias is added as it is. When requantized, the end of the result's range represents 256 quantized values, not 255.
/// </summary>
[Kernel("QuantizedMatMulWithBias", "QuantizedMatMulWithBiasAndRelu", "QuantizedMatMulWithBiasAndReluAndRequantize")]
internal sealed class FusedMatMul : IKernel
{
    private const float InputLevels = 255;
    private const float WeightLevels = 127;
    private const float Codes32 = 2147483648;
    private const float CodesOfResult = 1 << 23;

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => QuantizedTypes.Shapes(QuantizedMatrices.Infer(node));

    public Tensor[] Compute(KernelCall call)
    {
        var steps = FusedPostOps.Of(call.Node);
        QuantizedTypes.Require(call.Inputs[0], "input a", DataType.QUInt8);
        QuantizedTypes.Require(call.Inputs[1], "input b", DataType.QInt8);
        QuantizedTypes.Require(call.Node, "Toutput", steps.Requantizes ? DataType.QUInt8 : DataType.QInt32);
        var product = QuantizedMatrices.Of(call, 0, 0);
        QuantizationRange a = QuantizationRange.Read(call.Inputs, steps.Ranges).Flushed;
        float weightEnd = QuantizationRange.Read(call.Inputs, steps.Ranges + 2).Flushed.Magnitude;
        bool isMinFirst = call.Node.Choice("input_quant_mode", "MIN_FIRST", "SCALED") == "MIN_FIRST";
        float inputWidth = isMinFirst ? a.Max - a.Min : a.Magnitude;
        float codesPerUnit = InputLevels * WeightLevels / (inputWidth * weightEnd);
        int[] products = new int[product.Shape.ElementCount];
        product.Multiply(products);
        double[] accumulators = Array.ConvertAll(products, sum => (double)sum);
        float[] offsets = isMinFirst ? Offsets(product, InputLevels * a.Min / inputWidth) : [];
        FusedPostOps.AddBias(call.Node, accumulators, call.Inputs[2], [.. Enumerable.Repeat(codesPerUnit, product.Columns)], offsets);
        return steps.Requantizes
            ? Requantized(accumulators, product.Shape, codesPerUnit, QuantizationRange.Read(call.Inputs, steps.ResultRange))
            : QuantizationRange.Symmetric(inputWidth / InputLevels * (weightEnd / WeightLevels) * Codes32).With(steps.ToCodes(accumulators, product.Shape));
    }

    /// <summary>What the number of the lowest input quantized value adds to each column.</summary>
    private static float[] Offsets(QuantizedMatrices product, float firstCode)
    {
        int[] columnSums = new int[product.Columns];
        for (int i = 0; i < product.Right.Length; i++)
            columnSums[i % columnSums.Length] += product.Right[i];
        return Array.ConvertAll(columnSums, sum => firstCode * sum);
    }

    private static Tensor[] Requantized(ReadOnlySpan<double> accumulators, TensorShape shape, float codesPerUnit, QuantizationRange range)
    {
        float scale = 1 / codesPerUnit * Codes32 / range.Flushed.Magnitude / CodesOfResult;
        float[] codes = new float[accumulators.Length];
        for (int i = 0; i < codes.Length; i++)
            codes[i] = MathF.Round((float)accumulators[i] * scale);
        return range.With(ChannelRanges.Saturate(codes, shape, DataType.QUInt8, 0, InputLevels));
    }
}
