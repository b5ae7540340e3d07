using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.LinearAlgebra;

/// <summary>The cross products of vectors of three along the last dimension.</summary>
[Kernel("Cross")]
internal sealed class CrossProduct : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        TensorShape shape = call.Inputs[0].Shape;
        if (!shape.Equals(call.Inputs[1].Shape) || shape.Rank < 1 || shape[shape.Rank - 1] != 3)
            throw Refuse.Invalid($"Both inputs must be of same shape and their last dimension 3: {shape} vs. {call.Inputs[1].Shape}");
        double[] a = RealValues.ToDoubles(call.Inputs[0]);
        double[] b = RealValues.ToDoubles(call.Inputs[1]);
        double[] c = new double[a.Length];
        for (int i = 0; i < c.Length; i += 3)
        {
            c[i] = (a[i + 1] * b[i + 2]) - (a[i + 2] * b[i + 1]);
            c[i + 1] = (a[i + 2] * b[i]) - (a[i] * b[i + 2]);
            c[i + 2] = (a[i] * b[i + 1]) - (a[i + 1] * b[i]);
        }
        return [RealValues.FromDoubles(call.Inputs[0].Type, shape, c)];
    }
}
