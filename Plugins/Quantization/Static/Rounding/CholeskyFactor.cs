using System.Runtime.Intrinsics;
using TransformFramework.Toolkit.Sampling;

namespace TransformFramework.Quantization.Static.Rounding;

/// <summary>
/// The lower triangular L with L·Lᵀ of a symmetric positive definite matrix, in panels of columns; both as a <see cref="LowerTriangle"/>. Each element is computed by the same operations in the same order on every machine, whatever the number of threads.
/// </summary>
internal static class CholeskyFactor
{
    private const int Panel = 64;

    /// <summary>Puts the factor in the matrix's place.</summary>
    /// <param name="matrix">The lower half of the matrix.</param>
    /// <param name="size">Number of rows.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <returns>False when the matrix is not positive definite.</returns>
    public static bool Factor(double[] matrix, int size, CancellationToken cancellation)
    {
        for (int first = 0; first < size; first += Panel)
        {
            int end = Math.Min(size, first + Panel);
            for (int row = first; row < end; row++)
            {
                if (!SolveRow(matrix, row, first, row + 1))
                    return false;
            }
            int start = first;
            SampleRuns.Each(size - end, i => SolveRow(matrix, end + i, start, end), cancellation);
            SampleRuns.Each(size - end, i => Subtract(matrix, end + i, start, end), cancellation);
        }
        return true;
    }

    /// <summary>Columns of a row of the factor, from those of the rows above.</summary>
    private static bool SolveRow(double[] matrix, int row, int first, int end)
    {
        Span<double> own = Row(matrix, row);
        for (int column = first; column < end; column++)
        {
            ReadOnlySpan<double> other = Row(matrix, column);
            double rest = own[column] - Dot(own[first..column], other[first..column]);
            if (column == row && !(rest > 0))
                return false;
            own[column] = column == row ? Math.Sqrt(rest) : rest / other[column];
        }
        return true;
    }

    private static void Subtract(double[] matrix, int row, int first, int end)
    {
        Span<double> own = Row(matrix, row);
        ReadOnlySpan<double> panel = own[first..end];
        for (int column = end; column <= row; column++)
            own[column] -= Dot(panel, Row(matrix, column)[first..end]);
    }

    private static Span<double> Row(double[] matrix, int row) => matrix.AsSpan(LowerTriangle.Start(row), row + 1);

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        Vector256<double> first = Vector256<double>.Zero, second = Vector256<double>.Zero;
        int i = 0;
        for (; i + (2 * Vector256<double>.Count) <= a.Length; i += 2 * Vector256<double>.Count)
        {
            first += Vector256.Create(a[i..]) * Vector256.Create(b[i..]);
            second += Vector256.Create(a[(i + Vector256<double>.Count)..]) * Vector256.Create(b[(i + Vector256<double>.Count)..]);
        }
        double sum = Vector256.Sum(first + second);
        for (; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }
}
