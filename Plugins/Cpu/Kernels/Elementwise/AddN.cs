using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Elementwise;

/// <summary>The sum of tensors of one shape, in the order given.</summary>
[Kernel("AddN", "AccumulateNV2")]
internal sealed class AddN : IKernel
{
    private readonly Add add = new();

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes.FirstOrDefault(shape => shape.IsFullyKnown) ?? node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor sum = call.Inputs[0];
        foreach (Tensor next in call.Inputs.Skip(1))
        {
            if (!next.Shape.Dimensions.SequenceEqual(sum.Shape.Dimensions))
                throw Refuse.Invalid($"Inputs to operation {call.Node.Name} of type {call.Node.Op} must have the same size and shape.  Input 0: {sum.Shape} != input: {next.Shape}");
            sum = add.Compute(call with { Inputs = [sum, next] })[0];
        }
        return [sum];
    }
}

/// <summary>Elements limited to a range; each bound is a scalar or has the tensor's shape.</summary>
[Kernel("ClipByValue")]
internal sealed class ClipByValue : IKernel
{
    private readonly Minimum minimum = new();
    private readonly Maximum maximum = new();

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        foreach (Tensor bound in call.Inputs.Skip(1))
        {
            if (bound.ElementCount != 1 && !bound.Shape.Dimensions.SequenceEqual(call.Inputs[0].Shape.Dimensions))
                throw Refuse.Invalid($"clip_value_min and clip_value_max must be either of the same shape as input, or a scalar, not {bound.Shape}");
        }
        Tensor low = minimum.Compute(call with { Inputs = [call.Inputs[0], call.Inputs[2]] })[0];
        return maximum.Compute(call with { Inputs = [low, call.Inputs[1]] });
    }
}
