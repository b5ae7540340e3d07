using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized.Arithmetic;

/// <summary>Product of quint8 tensors less their zero points, as qint32.</summary>
[Kernel("QuantizedMul")]
internal sealed class QuantizedMul : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => QuantizedTypes.Shapes(Broadcast.Infer(node.Shapes[0], node.Shapes[1]));

    public Tensor[] Compute(KernelCall call)
    {
        var pairs = QuantizedPairs.Of(call);
        int[] left = QuantizedTypes.Centered(pairs.X, new AffineQuantizer<byte>(pairs.XRange).ZeroPoint);
        int[] right = QuantizedTypes.Centered(pairs.Y, new AffineQuantizer<byte>(pairs.YRange).ZeroPoint);
        return GemmResultRange.Of(pairs.XRange, pairs.YRange).With(pairs.Combine(left, right, multiplies: true));
    }
}
