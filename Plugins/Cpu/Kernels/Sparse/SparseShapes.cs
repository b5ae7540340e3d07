using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Cpu.Kernels.Shapes;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Sparse;

/// <summary>The index vectors of a sparse tensor in another dense shape.</summary>
[Kernel("SparseReshape")]
internal sealed class SparseReshape : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Of(-1, -1), TensorShape.Of(-1)];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor indices = call.Inputs[0];
        if (indices.Shape.Rank != 2)
            throw Refuse.Invalid($"Input indices should be a matrix but received shape {indices.Shape}");
        TensorShape input = Tensors.ShapeOf(Integers.Read(call.Inputs[1]));
        TensorShape target = Reshape.Target(input, call.Inputs[2]);
        long[] vectors = Integers.Read(indices);
        int count = (int)indices.Shape[0];
        int[] places = SparseIndices.Places(vectors, count, input.Rank, input);
        int[] strides = Strided.RowMajor(target.Dimensions.AsSpan());
        long[] moved = new long[count * target.Rank];
        for (int i = 0; i < count; i++)
        {
            for (int axis = 0; axis < target.Rank; axis++)
                moved[(i * target.Rank) + axis] = places[i] / strides[axis] % target[axis];
        }
        return
        [
            Integers.Write(DataType.Int64, TensorShape.Of(count, target.Rank), moved),
            Integers.Write(DataType.Int64, TensorShape.Of(target.Rank), target.Dimensions.AsSpan()),
        ];
    }
}

/// <summary>Puts a default value into the first column of each row that has no values.</summary>
[Kernel("SparseFillEmptyRows")]
internal sealed class SparseFillEmptyRows : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) =>
        [TensorShape.Of(-1, -1), TensorShape.Of(-1), TensorShape.Of(-1), TensorShape.Of(-1)];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor indices = call.Inputs[0];
        Tensor values = call.Inputs[1];
        long[] shape = Integers.Read(call.Inputs[2]);
        if (indices.Shape.Rank != 2 || values.Shape.Rank != 1 || shape.Length == 0 || call.Inputs[3].Shape.Rank != 0)
            throw Refuse.Invalid($"indices must be a matrix, values and dense_shape vectors and default_value a scalar, saw: {indices.Shape}, {values.Shape}, {call.Inputs[2].Shape}, {call.Inputs[3].Shape}");
        long[] vectors = Integers.Read(indices);
        int depth = (int)indices.Shape[1];
        List<int>[] rows = Rows(vectors, (int)values.ElementCount, depth, shape[0]);
        int total = rows.Sum(row => Math.Max(row.Count, 1));
        TensorBuilder filled = TensorBuilder.Of(values.Type, TensorShape.Of(total));
        long[] moved = new long[total * depth];
        long[] map = new long[values.ElementCount];
        int to = 0;
        for (int row = 0; row < rows.Length; row++)
        {
            if (rows[row].Count == 0)
            {
                filled.Copy(call.Inputs[3], 0, to, 1);
                moved[to++ * depth] = row;
            }
            foreach (int i in rows[row])
            {
                filled.Copy(values, i, to, 1);
                vectors.AsSpan(i * depth, depth).CopyTo(moved.AsSpan(to * depth));
                map[i] = to++;
            }
        }
        return
        [
            Integers.Write(DataType.Int64, TensorShape.Of(total, depth), moved),
            filled.Build(),
            Tensor.Create<bool>(DataType.Bool, TensorShape.Of(rows.Length), rows.Select(row => row.Count == 0).ToArray()),
            Integers.Write(DataType.Int64, TensorShape.Of(map.Length), map),
        ];
    }

    private static List<int>[] Rows(long[] vectors, int count, int depth, long rowCount)
    {
        if (rowCount == 0 && count > 0)
            throw Refuse.Invalid($"Received SparseTensor with dense_shape[0] = 0 but indices.shape[0] = {count}");
        List<int>[] rows = [.. Enumerable.Range(0, (int)rowCount).Select(_ => new List<int>())];
        for (int i = 0; i < count; i++)
        {
            long row = vectors[i * depth];
            if (row < 0 || row >= rowCount)
                throw Refuse.Invalid($"indices({i}, 0) is invalid: {row} >= {rowCount}");
            rows[row].Add(i);
        }
        return rows;
    }
}
