using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.LinearAlgebra;

/// <summary>A tensor as a batch of matrices in its last two dimensions, in double precision.</summary>
internal sealed class Matrices
{
    private Matrices(Tensor tensor)
    {
        if (tensor.Shape.Rank < 2)
            throw Refuse.Invalid($"Input tensor must have rank >= 2, but has shape {tensor.Shape}");
        Type = tensor.Type;
        Batch = [.. tensor.Shape.Dimensions[..^2]];
        Rows = (int)tensor.Shape[tensor.Shape.Rank - 2];
        Columns = (int)tensor.Shape[tensor.Shape.Rank - 1];
        Values = Floats.ToDoubles(tensor);
        Count = checked((int)Batch.Aggregate(1L, (product, dimension) => product * dimension));
    }

    public DataType Type { get; }

    /// <summary>The dimensions before the last two.</summary>
    public long[] Batch { get; }

    public int Rows { get; }

    public int Columns { get; }

    public double[] Values { get; }

    /// <summary>Number of matrices.</summary>
    public int Count { get; }

    public static Matrices Of(Tensor tensor) => new(tensor);

    public static Matrices Square(Tensor tensor)
    {
        Matrices matrices = new(tensor);
        return matrices.Rows == matrices.Columns ? matrices : throw Refuse.Invalid($"Input matrices must be squares, got {matrices.Rows} != {matrices.Columns}");
    }

    /// <summary>One matrix, row-major.</summary>
    public Span<double> this[int index] => Values.AsSpan(index * Rows * Columns, Rows * Columns);

    /// <summary>A tensor of the batch's dimensions and more.</summary>
    public Tensor Pack(ReadOnlySpan<double> values, params ReadOnlySpan<long> inner) =>
        Floats.FromDoubles(Type, TensorShape.Of([.. Batch, .. inner]), values);

    /// <summary>Refuses right-hand sides that do not fit.</summary>
    public void CheckRightHandSide(Matrices right)
    {
        if (!Batch.AsSpan().SequenceEqual(right.Batch) || Rows != right.Rows)
            throw Refuse.Invalid($"Input matrix and rhs are incompatible: {Count} matrices of {Rows} rows, {right.Count} of {right.Rows}");
    }

    /// <summary>The transposed matrix.</summary>
    public static double[] Transpose(ReadOnlySpan<double> matrix, int rows, int columns)
    {
        double[] transposed = new double[matrix.Length];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
                transposed[(column * rows) + row] = matrix[(row * columns) + column];
        }
        return transposed;
    }
}
