using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Comparison;

/// <summary>True where two numbers differ by less than a tolerance.</summary>
[Kernel("ApproximateEqual")]
internal sealed class ApproximateEqual : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        if (!call.Inputs[0].Shape.Equals(call.Inputs[1].Shape))
            throw Refuse.Invalid($"x and y must be of the same shape. x shape: {call.Inputs[0].Shape}. y shape: {call.Inputs[1].Shape}");
        double[] x = RealValues.ToDoubles(call.Inputs[0]);
        double[] y = RealValues.ToDoubles(call.Inputs[1]);
        double tolerance = call.Node.Float("tolerance");
        return [Tensor.Create<bool>(DataType.Bool, call.Inputs[0].Shape, [.. x.Zip(y, (left, right) => Math.Abs(left - right) < tolerance)])];
    }
}
