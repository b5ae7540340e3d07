using TransformFramework.Cpu.Kernels.Gathering;
using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Sparse;

/// <summary>The entries of a sparse tensor in row-major order of their indices; equal ones stay in their order.</summary>
[Kernel("SparseReorder")]
internal sealed class SparseReorder : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0], node.Shapes[1]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor indices = call.Inputs[0];
        Tensor values = call.Inputs[1];
        TensorShape shape = Tensors.ShapeOf(Integers.Read(call.Inputs[2]));
        bool fits = indices.Shape.Rank == 2 && values.Shape.Rank == 1 && indices.Shape[0] == values.Shape[0] && indices.Shape[1] == shape.Rank;
        if (!fits)
            throw Refuse.Invalid($"indices {indices.Shape}, values {values.Shape} and shape {call.Inputs[2].Shape} do not make a sparse tensor");
        long[] vectors = Integers.Read(indices);
        int count = (int)values.ElementCount;
        int[] places = SparseIndices.Places(vectors, count, shape.Rank, shape);
        int[] order = [.. Enumerable.Range(0, count).OrderBy(i => places[i])];
        long[] moved = new long[vectors.Length];
        TensorBuilder sorted = TensorBuilder.Of(values.Type, values.Shape);
        for (int i = 0; i < count; i++)
        {
            vectors.AsSpan(order[i] * shape.Rank, shape.Rank).CopyTo(moved.AsSpan(i * shape.Rank));
            sorted.Copy(values, order[i], i, 1);
        }
        return [Integers.Write(DataType.Int64, indices.Shape, moved), sorted.Build()];
    }
}
