using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Cpu.Kernels.Shapes;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized.Structure;

/// <summary>The same quantized values in the shape that the second input says; the range stays. Any quantized type.</summary>
[Kernel("QuantizedReshape")]
internal sealed class QuantizedReshape : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) =>
        QuantizedTypes.Shapes(node.Shapes[0].IsFullyKnown && node.Constants[1] is { } sizes ? Reshape.Target(node.Shapes[0], sizes) : TensorShape.Unknown);

    public Tensor[] Compute(KernelCall call) =>
        QuantizationRange.Read(call.Inputs, 2).With(Tensors.Reshape(call.Inputs[0], Reshape.Target(call.Inputs[0].Shape, call.Inputs[1])));
}
