using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized;

/// <summary>The range that the codes of a qint32 tensor really take, widened below to zero. Above it is not: data that are all negative give a negative end.</summary>
[Kernel("RequantizationRange")]
internal sealed class RequantizationRange : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Scalar, TensorShape.Scalar];

    public Tensor[] Compute(KernelCall call)
    {
        QuantizedTypes.Require(call.Inputs[0], "an input", DataType.QInt32);
        CodeRange used = Used(call.Inputs[0].AsSpan<int>(), CodeRange.Read(call.Inputs, 1));
        return [Tensor.Scalar(used.Min), Tensor.Scalar(used.Max)];
    }

    /// <summary>The range that codes take; that of no codes goes from the highest to the lowest.</summary>
    public static CodeRange Used(ReadOnlySpan<int> codes, CodeRange range)
    {
        int lowest = int.MaxValue;
        int highest = int.MinValue;
        foreach (int code in codes)
        {
            lowest = Math.Min(lowest, code);
            highest = Math.Max(highest, code);
        }
        return Used(lowest, highest, range);
    }

    /// <summary>The range that codes from the lowest to the highest take.</summary>
    public static CodeRange Used(int lowest, int highest, CodeRange range)
    {
        var scalar = new ScalarCodes<int>(range);
        float min = scalar.Dequantize(lowest);
        return new(Denormals.Flush(min) < 0 ? min : 0, scalar.Dequantize(highest));
    }
}
