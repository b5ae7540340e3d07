using TransformFramework.Graphs;

namespace TransformFramework.Engine.Pipeline;

/// <summary>What the elements of a tensor and of its reference add up to; of those that are finite on both sides.</summary>
/// <param name="MaxDifference">Largest absolute difference.</param>
/// <param name="MaxReference">Largest magnitude of the reference.</param>
/// <param name="Signal">Σ reference².</param>
/// <param name="Noise">Σ difference².</param>
/// <param name="Dot">Σ reference · actual.</param>
/// <param name="Power">Σ actual².</param>
public readonly record struct ComparisonMoments(double MaxDifference, double MaxReference, double Signal, double Noise, double Dot, double Power)
{
    /// <summary>Number of rows, along the last axis; at least one.</summary>
    public long Rows { get; init; } = 1;

    /// <summary>Rows with the largest element at the same place; none where <see cref="IsApart"/> is true.</summary>
    public long SameTop { get; init; }

    /// <summary>True where an element is NaN or infinite on one side and something else on the other.</summary>
    public bool IsApart { get; init; }

    /// <summary>The moments of two tensors of numbers of the same shape; null when they cannot be compared.</summary>
    public static ComparisonMoments? Of(Tensor reference, Tensor actual)
    {
        if (reference.Type == DataType.String || actual.Type == DataType.String || !reference.Shape.Dimensions.SequenceEqual(actual.Shape.Dimensions))
            return null;
        float[] x = reference.ToSingles();
        float[] y = actual.ToSingles();
        double maxDifference = 0, maxReference = 0, signal = 0, noise = 0, dot = 0, power = 0;
        bool isApart = false;
        for (int i = 0; i < x.Length; i++)
        {
            double a = x[i], b = y[i];
            if (!double.IsFinite(a) || !double.IsFinite(b))
            {
                isApart |= !a.Equals(b);
                continue;
            }
            maxDifference = Math.Max(maxDifference, Math.Abs(a - b));
            maxReference = Math.Max(maxReference, Math.Abs(a));
            signal += a * a;
            noise += (a - b) * (a - b);
            dot += a * b;
            power += b * b;
        }
        long rows = RowsOf(reference.Shape, x.Length);
        return new(maxDifference, maxReference, signal, noise, dot, power) { Rows = rows, SameTop = isApart ? 0 : SharedTop(x, y, rows), IsApart = isApart };
    }

    /// <summary>Rows along the last axis; an empty tensor counts as one.</summary>
    public static long RowsOf(TensorShape shape, long elements) => shape.Rank == 0 || elements == 0 ? 1 : elements / shape[shape.Rank - 1];

    /// <summary>The ratios of the moments.</summary>
    public TensorComparison ToComparison()
    {
        double share = (double)SameTop / Rows;
        if (IsApart)
            return new(double.PositiveInfinity, double.PositiveInfinity, double.NegativeInfinity, 0, share);
        return new(
            MaxDifference,
            MaxDifference == 0 ? 0 : MaxDifference / Math.Max(MaxReference, double.Epsilon),
            Noise == 0 ? double.PositiveInfinity : 10 * Math.Log10(Signal / Noise),
            Signal == 0 || Power == 0 ? (Signal == Power ? 1 : 0) : Dot / Math.Sqrt(Signal * Power),
            share);
    }

    private static long SharedTop(ReadOnlySpan<float> x, ReadOnlySpan<float> y, long rows)
    {
        if (x.IsEmpty)
            return rows;
        int columns = (int)(x.Length / rows);
        long same = 0;
        for (int start = 0; start < x.Length; start += columns)
            same += Top(x.Slice(start, columns)) == Top(y.Slice(start, columns)) ? 1 : 0;
        return same;
    }

    private static int Top(ReadOnlySpan<float> row)
    {
        int best = 0;
        for (int i = 1; i < row.Length; i++)
        {
            if (row[i] > row[best])
                best = i;
        }
        return best;
    }
}
