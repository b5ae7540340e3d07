using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized.Gemm;

/// <summary>Product of two matrices of quint8 values less their zero points, each of which may be stored transposed.</summary>
[Kernel("QuantizedMatMul")]
internal sealed class QuantizedMatMul : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => QuantizedTypes.Shapes(QuantizedMatrices.Infer(node));

    public Tensor[] Compute(KernelCall call)
    {
        QuantizedTypes.Require(call.Inputs[0], "input a", DataType.QUInt8);
        QuantizedTypes.Require(call.Inputs[1], "input b", DataType.QUInt8);
        QuantizedTypes.Require(call.Node, "Toutput", DataType.QInt32);
        QuantizationRange a = Range(call, 2, "a");
        QuantizationRange b = Range(call, 4, "b");
        var product = QuantizedMatrices.Of(call, new AffineQuantizer<byte>(a).ZeroPoint, new AffineQuantizer<byte>(b).ZeroPoint);
        Tensor result = Tensor.Allocate<int>(DataType.QInt32, product.Shape, out var accumulators);
        product.Multiply(accumulators);
        return GemmResultRange.Of(a, b).With(result);
    }

    private static QuantizationRange Range(KernelCall call, int at, string name)
    {
        var range = QuantizationRange.ReadScalars(call.Inputs, at);
        return range.Flushed.Max > range.Flushed.Min ? range : throw Refuse.Invalid($"max_{name} must be larger than min_{name}, but the range is {range.Min} to {range.Max}");
    }
}
