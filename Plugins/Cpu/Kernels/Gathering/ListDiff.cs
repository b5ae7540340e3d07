using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Gathering;

/// <summary>The elements of x that are not in y, and where in x they are.</summary>
[Kernel("ListDiff")]
internal sealed class ListDiff : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Of(-1), TensorShape.Of(-1)];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor x = call.Inputs[0];
        Tensor y = call.Inputs[1];
        if (x.Shape.Rank != 1 || y.Shape.Rank != 1)
            throw Refuse.Invalid($"x and y should be 1D vectors, but have shapes {x.Shape} and {y.Shape}.");
        var excluded = Enumerable.Range(0, (int)y.ElementCount).Select(i => SliceKey.Of(y, 0, i)).ToHashSet();
        int[] kept = [.. Enumerable.Range(0, (int)x.ElementCount).Where(i => !excluded.Contains(SliceKey.Of(x, 0, i)))];
        long[] places = [.. kept.Select(place => (long)place)];
        return [AxisPick.Along(x, 0, kept), Integers.Write(call.Node.Type("out_idx"), TensorShape.Of(kept.Length), places)];
    }
}
