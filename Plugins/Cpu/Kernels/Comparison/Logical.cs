using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Comparison;

/// <summary>A function of two truth values, with broadcasting.</summary>
internal abstract class LogicalKernel : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [Broadcast.Infer(node.Shapes[0], node.Shapes[1])];

    public Tensor[] Compute(KernelCall call)
    {
        ReadOnlySpan<bool> x = call.Inputs[0].AsSpan<bool>();
        ReadOnlySpan<bool> y = call.Inputs[1].AsSpan<bool>();
        var broadcast = Broadcast.Of(call.Inputs[0].Shape, call.Inputs[1].Shape);
        Tensor result = Tensor.Allocate<bool>(DataType.Bool, broadcast.Shape, out var z);
        IndexPairs pair = broadcast.Pairs;
        for (int i = 0; i < z.Length; i++, pair.Next())
            z[i] = Apply(x[pair.Left], y[pair.Right]);
        return [result];
    }

    protected abstract bool Apply(bool x, bool y);
}

[Kernel("LogicalAnd")]
internal sealed class LogicalAnd : LogicalKernel
{
    protected override bool Apply(bool x, bool y) => x && y;
}

[Kernel("LogicalOr")]
internal sealed class LogicalOr : LogicalKernel
{
    protected override bool Apply(bool x, bool y) => x || y;
}

[Kernel("LogicalNot")]
internal sealed class LogicalNot : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call) => [Elementwise.Elements.Map<bool, bool>(call.Inputs[0], DataType.Bool, value => !value)];
}
