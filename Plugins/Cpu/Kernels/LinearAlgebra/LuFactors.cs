namespace TransformFramework.Cpu.Kernels.LinearAlgebra;

/// <summary>P·A = L·U of a square matrix by Gaussian elimination with partial pivoting.</summary>
internal sealed class LuFactors
{
    private readonly int size;

    private LuFactors(double[] values, int size)
    {
        Values = values;
        this.size = size;
        Order = [.. Enumerable.Range(0, size)];
        Sign = 1;
    }

    /// <summary>U on and above the diagonal, L (with ones on its diagonal) below.</summary>
    public double[] Values { get; }

    /// <summary>The row of A in each row of the factors.</summary>
    public int[] Order { get; }

    /// <summary>Sign of the permutation.</summary>
    public int Sign { get; private set; }

    public bool IsSingular { get; private set; }

    public static LuFactors Of(ReadOnlySpan<double> matrix, int size)
    {
        var factors = new LuFactors(matrix.ToArray(), size);
        for (int step = 0; step < size; step++)
            factors.Eliminate(step);
        return factors;
    }

    /// <summary>Solves A·X = B for a row-major B of some columns.</summary>
    public double[] Solve(ReadOnlySpan<double> right, int columns)
    {
        double[] x = new double[size * columns];
        for (int column = 0; column < columns; column++)
        {
            for (int row = 0; row < size; row++)
                x[(row * columns) + column] = right[(Order[row] * columns) + column] - Known(x, row, 0, row, columns, column);
            for (int row = size - 1; row >= 0; row--)
            {
                double rest = x[(row * columns) + column] - Known(x, row, row + 1, size, columns, column);
                x[(row * columns) + column] = rest / Values[(row * size) + row];
            }
        }
        return x;
    }

    private double Known(double[] x, int row, int from, int to, int columns, int column)
    {
        double sum = 0;
        for (int i = from; i < to; i++)
            sum += Values[(row * size) + i] * x[(i * columns) + column];
        return sum;
    }

    private void Eliminate(int step)
    {
        int pivot = step;
        for (int row = step + 1; row < size; row++)
        {
            if (Math.Abs(Values[(row * size) + step]) > Math.Abs(Values[(pivot * size) + step]))
                pivot = row;
        }
        if (Values[(pivot * size) + step] == 0)
        {
            IsSingular = true;
            return;
        }
        if (pivot != step)
            Swap(pivot, step);
        for (int row = step + 1; row < size; row++)
        {
            double factor = Values[(row * size) + step] /= Values[(step * size) + step];
            for (int column = step + 1; column < size; column++)
                Values[(row * size) + column] -= factor * Values[(step * size) + column];
        }
    }

    private void Swap(int a, int b)
    {
        for (int column = 0; column < size; column++)
            (Values[(a * size) + column], Values[(b * size) + column]) = (Values[(b * size) + column], Values[(a * size) + column]);
        (Order[a], Order[b]) = (Order[b], Order[a]);
        Sign = -Sign;
    }
}
