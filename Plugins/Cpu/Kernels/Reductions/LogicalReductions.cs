using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Reductions;

/// <summary>Whether all, or any, of the truth values along some axes are true.</summary>
internal abstract class LogicalReduction : IKernel
{
    protected abstract bool Start { get; }

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) =>
        [node.Shapes[0].IsFullyKnown && node.Constants[1] is { } axes ? ReductionShape.Of(node.Shapes[0], axes, node.Node.Bool("keep_dims")).Result : TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor x = call.Inputs[0];
        var shape = ReductionShape.Of(x.Shape, call.Inputs[1], call.Node.Bool("keep_dims"));
        Tensor result = Tensor.Allocate<bool>(DataType.Bool, shape.Result, out var gathered);
        gathered.Fill(Start);
        ReadOnlySpan<bool> values = x.AsSpan<bool>();
        int[] targets = shape.Targets();
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] != Start)
                gathered[targets[i]] = !Start;
        }
        return [result];
    }
}

[Kernel("All")]
internal sealed class All : LogicalReduction
{
    protected override bool Start => true;
}

[Kernel("Any")]
internal sealed class Any : LogicalReduction
{
    protected override bool Start => false;
}
