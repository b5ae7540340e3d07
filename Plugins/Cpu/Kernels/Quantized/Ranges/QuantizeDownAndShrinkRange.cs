using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized.Ranges;

/// <summary>RequantizationRange and Requantize to quint8 in one; found in old graphs.</summary>
[Kernel("QuantizeDownAndShrinkRange")]
internal sealed class QuantizeDownAndShrinkRange : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => QuantizedTypes.Shapes(node.Shapes[0]);

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        QuantizedTypes.Require(input, "an input", DataType.QInt32);
        QuantizedTypes.Require(call.Node, "out_type", DataType.QUInt8);
        var given = QuantizationRange.Read(call.Inputs, 1);
        QuantizationRange used = RequantizationRange.Used(input.AsSpan<int>(), given);
        Tensor result = Tensor.Allocate<byte>(DataType.QUInt8, input.Shape, out var quantized);
        new FixedPointRequantization(given, used).Apply(input.AsSpan<int>(), quantized);
        return used.With(result);
    }
}
