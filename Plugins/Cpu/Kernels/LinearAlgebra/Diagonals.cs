using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.LinearAlgebra;

/// <summary>Vectors as the diagonals of square matrices of zeros.</summary>
[Kernel("MatrixDiag")]
internal sealed class MatrixDiag : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) =>
        Tensors.Infer(node, () => Matrices(node.Shapes[0]));

    public Tensor[] Compute(KernelCall call)
    {
        Tensor diagonal = call.Inputs[0];
        TensorShape shape = Matrices(diagonal.Shape);
        int size = (int)shape[shape.Rank - 1];
        TensorBuilder result = TensorBuilder.Of(diagonal.Type, shape);
        for (int i = 0; i < diagonal.ElementCount; i++)
            result.Copy(diagonal, i, (i / size * size * size) + (i % size * (size + 1)), 1);
        return [result.Build()];
    }

    private static TensorShape Matrices(TensorShape diagonals) => diagonals.Rank < 1
        ? throw Refuse.Invalid($"input must be at least 1-dim, received shape: {diagonals}")
        : TensorShape.Of([.. diagonals.Dimensions, diagonals[diagonals.Rank - 1]]);
}

/// <summary>The main diagonals of matrices.</summary>
[Kernel("MatrixDiagPart")]
internal sealed class MatrixDiagPart : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => Tensors.Infer(node, () => MatrixDiagonal.Of(node.Shapes[0]).Shape);

    public Tensor[] Compute(KernelCall call)
    {
        MatrixDiagonal diagonal = MatrixDiagonal.Of(call.Inputs[0].Shape);
        TensorBuilder result = TensorBuilder.Of(call.Inputs[0].Type, diagonal.Shape);
        for (int i = 0; i < diagonal.Shape.ElementCount; i++)
            result.Copy(call.Inputs[0], diagonal.Place(i), i, 1);
        return [result.Build()];
    }
}

/// <summary>Matrices with their main diagonals replaced.</summary>
[Kernel("MatrixSetDiag")]
internal sealed class MatrixSetDiag : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        MatrixDiagonal diagonal = MatrixDiagonal.Of(input.Shape);
        if (!call.Inputs[1].Shape.Dimensions.SequenceEqual(diagonal.Shape.Dimensions))
            throw Refuse.Invalid($"must have diagonal.shape == input.shape[:-2] + min(input.shape[-2:]), but received input shape: {input.Shape} and diagonal shape: {call.Inputs[1].Shape}");
        TensorBuilder result = TensorBuilder.Of(input.Type, input.Shape);
        result.Copy(input, 0, 0, (int)input.ElementCount);
        for (int i = 0; i < diagonal.Shape.ElementCount; i++)
            result.Copy(call.Inputs[1], i, diagonal.Place(i), 1);
        return [result.Build()];
    }
}

/// <summary>Matrices with everything outside a band around the diagonal set to zero; a negative width keeps the whole triangle.</summary>
[Kernel("MatrixBandPart")]
internal sealed class MatrixBandPart : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        if (input.Shape.Rank < 2)
            throw Refuse.Invalid($"input must be at least 2-dim, received shape: {input.Shape}");
        int rows = (int)input.Shape[input.Shape.Rank - 2];
        int columns = (int)input.Shape[input.Shape.Rank - 1];
        long lower = Width(call.Inputs[1], "num_lower", rows);
        long upper = Width(call.Inputs[2], "num_upper", columns);
        TensorBuilder result = TensorBuilder.Of(input.Type, input.Shape);
        for (int row = 0; columns > 0 && row < input.ElementCount / columns; row++)
        {
            long middle = row % rows;
            int from = (int)Math.Clamp(middle - lower, 0, columns);
            int to = (int)Math.Clamp(middle + upper + 1, 0, columns);
            if (to > from)
                result.Copy(input, (row * columns) + from, (row * columns) + from, to - from);
        }
        return [result.Build()];
    }

    private static long Width(Tensor input, string name, int size)
    {
        long width = Integers.Scalar(input, name);
        return width > size ? throw Refuse.Invalid($"{name} must be negative or less or equal to the matrix's size ({size}) got: {width}") : width < 0 ? size : width;
    }
}

/// <summary>Where the main diagonals of matrices are.</summary>
internal readonly record struct MatrixDiagonal(TensorShape Shape, int Rows, int Columns, int Length)
{
    public static MatrixDiagonal Of(TensorShape matrices)
    {
        if (matrices.Rank < 2)
            throw Refuse.Invalid($"input must be at least 2-dim, received shape: {matrices}");
        long length = Math.Min(matrices[matrices.Rank - 2], matrices[matrices.Rank - 1]);
        return new(TensorShape.Of([.. matrices.Dimensions[..^2], length]), (int)matrices[matrices.Rank - 2], (int)matrices[matrices.Rank - 1], (int)length);
    }

    /// <summary>The element of the matrices for an element of the diagonals.</summary>
    public int Place(int element) => (element / Length * Rows * Columns) + (element % Length * (Columns + 1));
}
