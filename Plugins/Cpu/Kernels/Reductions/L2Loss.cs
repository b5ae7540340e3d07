using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Reductions;

/// <summary>Σ x² / 2.</summary>
[Kernel("L2Loss")]
internal sealed class L2Loss : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Scalar];

    public Tensor[] Compute(KernelCall call)
    {
        double sum = 0;
        foreach (double value in Floats.ToDoubles(call.Inputs[0]))
            sum += value * value;
        return [Floats.FromDoubles(call.Inputs[0].Type, TensorShape.Scalar, [sum / 2])];
    }
}
