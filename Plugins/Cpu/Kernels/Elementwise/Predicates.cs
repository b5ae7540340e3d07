using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Elementwise;

/// <summary>A truth value for each floating-point number.</summary>
internal abstract class PredicateKernel : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor x = call.Inputs[0];
        Tensor result = Tensor.Allocate<bool>(DataType.Bool, x.Shape, out var y);
        double[] values = Floats.ToDoubles(x);
        for (int i = 0; i < y.Length; i++)
            y[i] = Holds(values[i]);
        return [result];
    }

    protected abstract bool Holds(double x);
}

[Kernel("IsFinite")]
internal sealed class IsFinite : PredicateKernel
{
    protected override bool Holds(double x) => double.IsFinite(x);
}

[Kernel("IsInf")]
internal sealed class IsInf : PredicateKernel
{
    protected override bool Holds(double x) => double.IsInfinity(x);
}

[Kernel("IsNan")]
internal sealed class IsNan : PredicateKernel
{
    protected override bool Holds(double x) => double.IsNaN(x);
}
