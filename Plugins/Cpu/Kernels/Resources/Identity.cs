using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Graphs;

namespace TransformFramework.Cpu.Kernels.Resources;

/// <summary>Hands its inputs on; of a reference variable, the value. Tensors are immutable, so a deep copy is the same tensor.</summary>
[Kernel("Identity", "IdentityN", "RefIdentity", "StopGradient", "PreventGradient", "Snapshot", "DeepCopy", "PlaceholderWithDefault", "LoopCond", "EnsureShape", "GuaranteeConst")]
internal sealed class Identity : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => node.Node.Op == "PlaceholderWithDefault" ? [node.Node.Shape("shape")] : node.Shapes;

    public Tensor[] Compute(KernelCall call)
    {
        if (call.Node.Op == "EnsureShape")
            Check(call.Inputs[0].Shape, call.Node.Shape("shape"));
        return ReadsVariable(call) ? [Variable.Read(call, 0)] : [.. call.Inputs];
    }

    private static bool ReadsVariable(KernelCall call) =>
        call.Inputs.Count == 1 && call.Inputs[0].Type == DataType.String
        && call.Node.Attributes.TryGetValue("T", out var type) && type is TypeValue { Value: var expected }
        && expected.Base() is not (DataType.String or DataType.Resource or DataType.Variant);

    private static void Check(TensorShape shape, TensorShape expected)
    {
        if (!expected.Allows(shape))
            throw Refuse.Invalid($"Shape of tensor {shape} is not compatible with expected shape {expected}.");
    }
}
