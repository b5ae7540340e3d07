using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized.Ranges;

/// <summary>qint32 values to 8-bit values of a requested range: quint8 in fixed point, qint8 through floats.</summary>
[Kernel("Requantize")]
internal sealed class Requantize : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => QuantizedTypes.Shapes(node.Shapes[0]);

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        QuantizedTypes.Require(input, "an input", DataType.QInt32);
        QuantizedTypes.Require(call.Node, "out_type", DataType.QUInt8, DataType.QInt8);
        var from = QuantizationRange.Read(call.Inputs, 1);
        var to = QuantizationRange.Read(call.Inputs, 3);
        Check(to.Flushed);
        return to.With(call.Node.Type("out_type") == DataType.QUInt8 ? Unsigned(input, from, to) : Signed(input, from, to));
    }

    /// <summary>Refuses a range to requantize to that does not hold zero or is reversed.</summary>
    /// <exception cref="ExecutionException">InvalidArgument.</exception>
    public static void Check(QuantizationRange requested)
    {
        if (!(requested.Min <= 0))
            throw Refuse.Invalid($"requested_output_min must be <= 0, but got {requested.Min}");
        if (!(requested.Max >= requested.Min))
            throw Refuse.Invalid($"requested_output_max must be >= requested_output_min, but got {requested.Max} and {requested.Min}");
    }

    private static Tensor Unsigned(Tensor input, QuantizationRange from, QuantizationRange to)
    {
        Tensor result = Tensor.Allocate<byte>(DataType.QUInt8, input.Shape, out var quantized);
        new FixedPointRequantization(from, to).Apply(input.AsSpan<int>(), quantized);
        return result;
    }

    private static Tensor Signed(Tensor input, QuantizationRange from, QuantizationRange to)
    {
        Tensor result = Tensor.Allocate<sbyte>(DataType.QInt8, input.Shape, out var quantized);
        ReadOnlySpan<int> wide = input.AsSpan<int>();
        var dequantization = new TensorDequantization<int>(from);
        var quantization = new TensorQuantization<sbyte>(to);
        for (int i = 0; i < quantized.Length; i++)
            quantized[i] = quantization.Apply(dequantization.Apply(wide[i]));
        return result;
    }
}
