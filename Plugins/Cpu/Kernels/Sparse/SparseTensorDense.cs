using TransformFramework.Cpu.Kernels.Gathering;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Sparse;

/// <summary>A sparse tensor plus a dense one.</summary>
[Kernel("SparseTensorDenseAdd")]
internal sealed class SparseTensorDenseAdd : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[3]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor dense = call.Inputs[3];
        if (call.Inputs[0].Shape.Rank != 2)
            throw Refuse.Invalid($"Input a_indices should be a matrix but received shape: {call.Inputs[0].Shape}");
        if (!Integers.Read(call.Inputs[2]).AsSpan().SequenceEqual(dense.Shape.Dimensions.AsSpan()))
            throw Refuse.Invalid($"Dimensions of the sparse and the dense operand should match: {string.Join(',', Integers.Read(call.Inputs[2]))} vs. {dense.Shape}");
        return [ScatterNd.Write(dense, call.Inputs[0], call.Inputs[1], ScatterFunction.Add)];
    }
}

/// <summary>A sparse matrix times a dense one, each transposed on request.</summary>
[Kernel("SparseTensorDenseMatMul")]
internal sealed class SparseTensorDenseMatMul : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Of(-1, -1)];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor dense = call.Inputs[3];
        long[] shape = Integers.Read(call.Inputs[2]);
        if (dense.Shape.Rank != 2)
            throw Refuse.Invalid("Tensor 'b' is not a matrix");
        if (shape.Length != 2)
            throw Refuse.Invalid("Tensor 'a_shape' must have 2 elements");
        if (call.Inputs[0].Shape.Rank != 2 || call.Inputs[0].Shape[1] != 2 || call.Inputs[0].Shape[0] != call.Inputs[1].ElementCount)
            throw Refuse.Invalid($"Tensor 'a_indices' must have shape [{call.Inputs[1].ElementCount},2], but has {call.Inputs[0].Shape}");
        bool turnsSparse = call.Node.Bool("adjoint_a");
        bool turnsDense = call.Node.Bool("adjoint_b");
        int inner = (int)shape[turnsSparse ? 0 : 1];
        int rows = (int)shape[turnsSparse ? 1 : 0];
        int columns = (int)dense.Shape[turnsDense ? 0 : 1];
        if (dense.Shape[turnsDense ? 1 : 0] != inner)
            throw Refuse.Invalid($"Cannot multiply A and B because inner dimension does not match: {inner} vs. {dense.Shape[turnsDense ? 1 : 0]}.  Did you forget a transpose?");
        long[] indices = Integers.Read(call.Inputs[0]);
        double[] values = RealValues.ToDoubles(call.Inputs[1]);
        double[] matrix = RealValues.ToDoubles(dense);
        double[] product = new double[rows * columns];
        for (int i = 0; i < values.Length; i++)
        {
            long row = indices[(2 * i) + (turnsSparse ? 1 : 0)];
            long k = indices[(2 * i) + (turnsSparse ? 0 : 1)];
            if (k < 0 || k >= inner)
                throw Refuse.Invalid($"k ({k}) from index[{i},{(turnsSparse ? 0 : 1)}] out of bounds (>={inner})");
            if (row < 0 || row >= rows)
                throw Refuse.Invalid($"m ({row}) from index[{i},{(turnsSparse ? 1 : 0)}] out of bounds (>={rows})");
            for (int column = 0; column < columns; column++)
                product[(row * columns) + column] += values[i] * matrix[turnsDense ? (column * inner) + k : (k * columns) + column];
        }
        return [RealValues.FromDoubles(dense.Type, TensorShape.Of(rows, columns), product)];
    }
}
