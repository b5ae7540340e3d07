using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Shapes;

/// <summary>Puts in a dimension of size 1.</summary>
[Kernel("ExpandDims")]
internal sealed class ExpandDims : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) =>
        node.Shapes[0].IsUnknownRank || node.Constants[1] is not { } axis ? [TensorShape.Unknown] : [Target(node.Shapes[0], axis)];

    public Tensor[] Compute(KernelCall call) => [Tensors.Reshape(call.Inputs[0], Target(call.Inputs[0].Shape, call.Inputs[1]))];

    private static TensorShape Target(TensorShape input, Tensor axis)
    {
        long at = Integers.Scalar(axis, "dim");
        if (at < -1 - input.Rank || at > input.Rank)
            throw Refuse.Invalid($"Tried to expand dim index {at} for tensor with {input.Rank} dimensions.");
        return TensorShape.Of(input.Dimensions.Insert((int)(at < 0 ? at + input.Rank + 1 : at), 1));
    }
}
