using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized.Ranges;

/// <summary>The range that the quantized values of a qint32 tensor really take, widened below to zero. Above it is not: data that are all negative give a negative end.</summary>
[Kernel("RequantizationRange")]
internal sealed class RequantizationRange : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Scalar, TensorShape.Scalar];

    public Tensor[] Compute(KernelCall call)
    {
        QuantizedTypes.Require(call.Inputs[0], "an input", DataType.QInt32);
        QuantizationRange used = Used(call.Inputs[0].AsSpan<int>(), QuantizationRange.Read(call.Inputs, 1));
        return [Tensor.Scalar(used.Min), Tensor.Scalar(used.Max)];
    }

    /// <summary>The range that quantized values take; that of no quantized values goes from the highest to the lowest.</summary>
    public static QuantizationRange Used(ReadOnlySpan<int> quantized, QuantizationRange range)
    {
        int lowest = int.MaxValue;
        int highest = int.MinValue;
        foreach (int level in quantized)
        {
            lowest = Math.Min(lowest, level);
            highest = Math.Max(highest, level);
        }
        return Used(lowest, highest, range);
    }

    /// <summary>The range that quantized values from the lowest to the highest take.</summary>
    public static QuantizationRange Used(int lowest, int highest, QuantizationRange range)
    {
        var scalar = new AffineQuantizer<int>(range);
        float min = scalar.Dequantize(lowest);
        return new(Denormals.Flush(min) < 0 ? min : 0, scalar.Dequantize(highest));
    }
}
