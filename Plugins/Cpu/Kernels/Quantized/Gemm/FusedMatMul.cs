using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;

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
    private const float QInt32Values = 2147483648;
    private const float ValuesOfResult = 1 << 23;

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => QuantizedTypes.Shapes(QuantizedMatrices.Infer(node));

    public Tensor[] Compute(KernelCall call)
    {
        var parts = FusedOpName.Of(call.Node.Op);
        QuantizedTypes.Require(call.Inputs[0], "input a", DataType.QUInt8);
        QuantizedTypes.Require(call.Inputs[1], "input b", DataType.QInt8);
        QuantizedTypes.Require(call.Node, "Toutput", parts.Requantizes ? DataType.QUInt8 : DataType.QInt32);
        var product = QuantizedMatrices.Of(call, 0, 0);
        QuantizationRange a = QuantizationRange.Read(call.Inputs, parts.Ranges).Flushed;
        float weightEnd = QuantizationRange.Read(call.Inputs, parts.Ranges + 2).Flushed.Magnitude;
        bool isMinFirst = call.Node.Choice("input_quant_mode", "MIN_FIRST", "SCALED") == "MIN_FIRST";
        float inputWidth = isMinFirst ? a.Max - a.Min : a.Magnitude;
        float quantizedPerUnit = InputLevels * WeightLevels / (inputWidth * weightEnd);
        int[] products = new int[product.Shape.ElementCount];
        product.Multiply(products);
        double[] accumulators = products.Map(sum => (double)sum);
        float[] offsets = isMinFirst ? Offsets(product, InputLevels * a.Min / inputWidth) : [];
        FusedAccumulators.AddBias(call.Node, accumulators, call.Inputs[2], [.. Enumerable.Repeat(quantizedPerUnit, product.Columns)], offsets);
        return parts.Requantizes
            ? Requantized(accumulators, product.Shape, quantizedPerUnit, QuantizationRange.Read(call.Inputs, parts.ResultRange))
            : QuantizationRange.Symmetric(inputWidth / InputLevels * (weightEnd / WeightLevels) * QInt32Values).With(FusedAccumulators.ToQuantized(parts, accumulators, product.Shape));
    }

    /// <summary>What the number of the lowest input quantized value adds to each column.</summary>
    private static float[] Offsets(QuantizedMatrices product, float lowest)
    {
        int[] columnSums = new int[product.Columns];
        for (int i = 0; i < product.Right.Length; i++)
            columnSums[i % columnSums.Length] += product.Right[i];
        return columnSums.Map(sum => lowest * sum);
    }

    private static Tensor[] Requantized(ReadOnlySpan<double> accumulators, TensorShape shape, float quantizedPerUnit, QuantizationRange range)
    {
        float scale = 1 / quantizedPerUnit * QInt32Values / range.Flushed.Magnitude / ValuesOfResult;
        float[] quantized = new float[accumulators.Length];
        for (int i = 0; i < quantized.Length; i++)
            quantized[i] = MathF.Round((float)accumulators[i] * scale);
        return range.With(ChannelRanges.Saturate(quantized, shape, DataType.QUInt8, 0, InputLevels));
    }
}
