using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.LinearAlgebra;

/// <summary>Neighbouring diagonals of matrices; where one is shorter than the longest, padding.</summary>
[Kernel("MatrixDiagPartV2", "MatrixDiagPartV3")]
internal sealed class MatrixDiagPartBand : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => Tensors.Infer(node, () => Band(node.Node, node.Shapes[0], node.Constants[1]!).ShapeWith(node.Shapes[0].Dimensions.AsSpan()[..^2]), 1);

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        DiagonalBand band = Band(call.Node, input.Shape, call.Inputs[1]);
        TensorBuilder result = TensorBuilder.Of(input.Type, band.ShapeWith(input.Shape.Dimensions.AsSpan()[..^2]));
        result.Fill(call.Inputs[2]);
        int matrix = band.Rows * band.Columns;
        for (int i = 0; i < input.ElementCount / Math.Max(matrix, 1); i++)
        {
            foreach (var (diagonal, place) in band.Elements())
                result.Copy(input, (i * matrix) + place, (i * band.Count * band.Longest) + diagonal, 1);
        }
        return [result.Build()];
    }

    private static DiagonalBand Band(Node node, TensorShape input, Tensor k) => input.Rank < 2
        ? throw Refuse.Invalid($"input must be at least 2-dim, received shape: {input}")
        : DiagonalBand.Of(node, k, input[input.Rank - 2], input[input.Rank - 1]);
}

/// <summary>Matrices with neighbouring diagonals replaced.</summary>
[Kernel("MatrixSetDiagV2", "MatrixSetDiagV3")]
internal sealed class MatrixSetDiagBand : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        if (input.Shape.Rank < 2)
            throw Refuse.Invalid($"input must be at least 2-dim, received shape: {input.Shape}");
        DiagonalBand band = DiagonalBand.Of(call.Node, call.Inputs[2], input.Shape[input.Shape.Rank - 2], input.Shape[input.Shape.Rank - 1]);
        TensorShape expected = band.ShapeWith(input.Shape.Dimensions.AsSpan()[..^2]);
        if (!call.Inputs[1].Shape.Dimensions.SequenceEqual(expected.Dimensions))
            throw Refuse.Invalid($"diagonals must have shape {expected} for input shape {input.Shape}, but have {call.Inputs[1].Shape}");
        TensorBuilder result = TensorBuilder.Of(input.Type, input.Shape);
        result.Copy(input, 0, 0, (int)input.ElementCount);
        band.Put(call.Inputs[1], result);
        return [result.Build()];
    }
}

/// <summary>Matrices of padding with neighbouring diagonals; -1 rows or columns are as many as the diagonals need.</summary>
[Kernel("MatrixDiagV2", "MatrixDiagV3")]
internal sealed class MatrixDiagBand : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) =>
        Tensors.Infer(node, () => Matrices(node.Node, node.Shapes[0], node.Constants[1]!, node.Constants[2]!, node.Constants[3]!).Shape, 1, 2, 3);

    public Tensor[] Compute(KernelCall call)
    {
        Tensor diagonals = call.Inputs[0];
        var (band, shape) = Matrices(call.Node, diagonals.Shape, call.Inputs[1], call.Inputs[2], call.Inputs[3]);
        TensorBuilder result = TensorBuilder.Of(diagonals.Type, shape);
        result.Fill(call.Inputs[4]);
        band.Put(diagonals, result);
        return [result.Build()];
    }

    private static (DiagonalBand Band, TensorShape Shape) Matrices(Node node, TensorShape diagonals, Tensor k, Tensor numRows, Tensor numColumns)
    {
        long[] ends = Integers.Read(k);
        if (diagonals.Rank < 1 || ends.Length == 0)
            throw Refuse.Invalid($"diagonal must be at least 1-dim, received shape: {diagonals}");
        bool isSingle = ends[0] == ends[^1];
        if (!isSingle && (diagonals.Rank < 2 || diagonals[diagonals.Rank - 2] != ends[^1] - ends[0] + 1))
            throw Refuse.Invalid("The number of diagonals provided in the input does not match the lower_diag_index and upper_diag_index range.");
        long longest = diagonals[diagonals.Rank - 1];
        long leastRows = longest - Math.Min(ends[^1], 0);
        long leastColumns = longest + Math.Max(ends[0], 0);
        long rows = Integers.Scalar(numRows, "num_rows");
        long columns = Integers.Scalar(numColumns, "num_cols");
        (rows, columns) = (rows, columns) switch
        {
            (-1, -1) => (Math.Max(leastRows, leastColumns), Math.Max(leastRows, leastColumns)),
            (-1, _) => (leastRows, columns),
            (_, -1) => (rows, leastColumns),
            _ => (rows, columns),
        };
        if (rows < leastRows || columns < leastColumns)
            throw Refuse.Invalid($"The number of rows or columns is too small: {rows}x{columns}, needed are {leastRows}x{leastColumns}");
        if (rows != leastRows && columns != leastColumns)
            throw Refuse.Invalid("The number of rows or columns is not consistent with the specified d_lower, d_upper, and diagonal.");
        return (DiagonalBand.Of(node, k, rows, columns), TensorShape.Of([.. diagonals.Dimensions.AsSpan()[..^(isSingle ? 1 : 2)], rows, columns]));
    }
}
