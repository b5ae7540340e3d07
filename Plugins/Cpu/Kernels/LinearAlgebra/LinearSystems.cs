using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.LinearAlgebra;

/// <summary>X of A·X = B, or of Aᵀ·X = B with <c>adjoint</c>.</summary>
[Kernel("MatrixSolve")]
internal sealed class MatrixSolve : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[1]];

    public Tensor[] Compute(KernelCall call)
    {
        Matrices left = Matrices.Square(call.Inputs[0]);
        Matrices right = Matrices.Of(call.Inputs[1]);
        left.CheckRightHandSide(right);
        bool isAdjoint = call.Node.Bool("adjoint");
        double[] results = new double[right.Values.Length];
        for (int i = 0; i < left.Count; i++)
        {
            LuFactors factors = LuFactors.Of(isAdjoint ? Matrices.Transpose(left[i], left.Rows, left.Rows) : left[i], left.Rows);
            if (factors.IsSingular)
                throw Refuse.Invalid("Input matrix is not invertible.");
            factors.Solve(right[i], right.Columns).CopyTo(results, i * right.Rows * right.Columns);
        }
        return [right.Pack(results, right.Rows, right.Columns)];
    }
}

/// <summary>The inverse, or its transpose with <c>adjoint</c>.</summary>
[Kernel("MatrixInverse")]
internal sealed class MatrixInverse : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        Matrices matrices = Matrices.Square(call.Inputs[0]);
        int size = matrices.Rows;
        double[] unit = new double[size * size];
        for (int i = 0; i < size; i++)
            unit[(i * size) + i] = 1;
        bool isAdjoint = call.Node.Bool("adjoint");
        double[] results = new double[matrices.Values.Length];
        for (int i = 0; i < matrices.Count; i++)
        {
            LuFactors factors = LuFactors.Of(isAdjoint ? Matrices.Transpose(matrices[i], size, size) : matrices[i], size);
            if (factors.IsSingular)
                throw Refuse.Invalid("Input is not invertible.");
            factors.Solve(unit, size).CopyTo(results, i * size * size);
        }
        return [matrices.Pack(results, size, size)];
    }
}

/// <summary>Solves with a triangular matrix; the other triangle is not read.</summary>
[Kernel("MatrixTriangularSolve", "BatchMatrixTriangularSolve")]
internal sealed class MatrixTriangularSolve : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[1]];

    public Tensor[] Compute(KernelCall call)
    {
        Matrices left = Matrices.Square(call.Inputs[0]);
        Matrices right = Matrices.Of(call.Inputs[1]);
        left.CheckRightHandSide(right);
        bool isAdjoint = call.Node.Bool("adjoint");
        bool isLower = call.Node.Bool("lower") != isAdjoint;
        for (int i = 0; i < left.Count; i++)
            Solve(isAdjoint ? Matrices.Transpose(left[i], left.Rows, left.Rows) : left[i], right[i], left.Rows, right.Columns, isLower);
        return [right.Pack(right.Values, right.Rows, right.Columns)];
    }

    private static void Solve(ReadOnlySpan<double> matrix, Span<double> x, int size, int columns, bool isLower)
    {
        for (int step = 0; step < size; step++)
        {
            int row = isLower ? step : size - 1 - step;
            double pivot = matrix[(row * size) + row];
            if (pivot == 0)
                throw Refuse.Invalid("Input matrix is not invertible.");
            for (int column = 0; column < columns; column++)
            {
                double rest = x[(row * columns) + column];
                for (int known = isLower ? 0 : row + 1; known < (isLower ? row : size); known++)
                    rest -= matrix[(row * size) + known] * x[(known * columns) + column];
                x[(row * columns) + column] = rest / pivot;
            }
        }
    }
}
