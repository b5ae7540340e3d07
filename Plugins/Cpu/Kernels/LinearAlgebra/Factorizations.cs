using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.LinearAlgebra;

/// <summary>The determinant, from the pivots of the elimination.</summary>
[Kernel("MatrixDeterminant", "LogMatrixDeterminant")]
internal sealed class Determinant : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => node.Node.Op == "MatrixDeterminant" ? [TensorShape.Unknown] : [TensorShape.Unknown, TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call)
    {
        Matrices matrices = Matrices.Square(call.Inputs[0]);
        double[] signs = new double[matrices.Count];
        double[] logarithms = new double[matrices.Count];
        double[] determinants = new double[matrices.Count];
        for (int i = 0; i < matrices.Count; i++)
        {
            LuFactors factors = LuFactors.Of(matrices[i], matrices.Rows);
            (signs[i], determinants[i]) = (factors.Sign, factors.Sign);
            for (int step = 0; step < matrices.Rows; step++)
            {
                double pivot = factors.Values[(step * matrices.Rows) + step];
                signs[i] *= Math.Sign(pivot);
                logarithms[i] += Math.Log(Math.Abs(pivot));
                determinants[i] *= pivot;
            }
        }
        return call.Node.Op == "MatrixDeterminant" ? [matrices.Pack(determinants)] : [matrices.Pack(signs), matrices.Pack(logarithms)];
    }
}

/// <summary>P·A = L·U in one matrix, and the permutation.</summary>
[Kernel("Lu")]
internal sealed class Lu : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0], TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call)
    {
        Matrices matrices = Matrices.Square(call.Inputs[0]);
        int size = matrices.Rows;
        long[] orders = new long[matrices.Count * size];
        for (int i = 0; i < matrices.Count; i++)
        {
            LuFactors factors = LuFactors.Of(matrices[i], size);
            if (factors.IsSingular)
                throw Refuse.Invalid("Input is not invertible.");
            factors.Values.CopyTo(matrices[i]);
            for (int row = 0; row < size; row++)
                orders[(i * size) + row] = factors.Order[row];
        }
        Tensor order = Integers.Write(call.Node.Type("output_idx_type"), TensorShape.Of([.. matrices.Batch, size]), orders);
        return [matrices.Pack(matrices.Values, size, size), order];
    }
}

/// <summary>The lower triangular L of L·Lᵀ = A; only the lower triangle of A is read.</summary>
[Kernel("Cholesky")]
internal sealed class Cholesky : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        Matrices matrices = Matrices.Square(call.Inputs[0]);
        for (int i = 0; i < matrices.Count; i++)
            Decompose(matrices[i], matrices.Rows);
        return [matrices.Pack(matrices.Values, matrices.Rows, matrices.Rows)];
    }

    private static void Decompose(Span<double> matrix, int size)
    {
        for (int row = 0; row < size; row++)
        {
            for (int column = 0; column <= row; column++)
            {
                double rest = matrix[(row * size) + column];
                for (int known = 0; known < column; known++)
                    rest -= matrix[(row * size) + known] * matrix[(column * size) + known];
                if (row == column && !(rest > 0))
                    throw Refuse.Invalid("Cholesky decomposition was not successful. The input might not be valid.");
                matrix[(row * size) + column] = row == column ? Math.Sqrt(rest) : rest / matrix[(column * size) + column];
            }
            matrix.Slice((row * size) + row + 1, size - row - 1).Clear();
        }
    }
}
