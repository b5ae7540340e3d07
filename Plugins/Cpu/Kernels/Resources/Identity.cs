using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Resources;

/// <summary>Hands its inputs on. Tensors are immutable, so a deep copy is the same tensor.</summary>
[Kernel("Identity", "IdentityN", "RefIdentity", "StopGradient", "PreventGradient", "Snapshot", "DeepCopy", "PlaceholderWithDefault", "LoopCond", "EnsureShape")]
internal sealed class Identity : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => node.Node.Op == "PlaceholderWithDefault" ? [node.Node.Shape("shape")] : node.Shapes;

    public Tensor[] Compute(KernelCall call)
    {
        if (call.Node.Op == "EnsureShape")
            Check(call.Inputs[0].Shape, call.Node.Shape("shape"));
        return [.. call.Inputs];
    }

    private static void Check(TensorShape shape, TensorShape expected)
    {
        bool fits = expected.IsUnknownRank
            || (shape.Rank == expected.Rank && shape.Dimensions.Zip(expected.Dimensions).All(pair => pair.Second < 0 || pair.First == pair.Second));
        if (!fits)
            throw Refuse.Invalid($"Shape of tensor {shape} is not compatible with expected shape {expected}.");
    }
}
