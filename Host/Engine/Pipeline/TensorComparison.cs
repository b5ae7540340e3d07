using TransformFramework.Graphs;

namespace TransformFramework.Engine.Pipeline;

/// <summary>How far a tensor is from its reference.</summary>
/// <param name="MaxAbsolute">Largest absolute difference.</param>
/// <param name="MaxRelative">The same over the largest magnitude of the reference.</param>
/// <param name="Sqnr">Signal to noise, 10·log10(Σ reference² / Σ difference²), in dB; infinite when equal.</param>
/// <param name="Cosine">Cosine of the angle between both.</param>
/// <param name="SameTop">Share of rows (along the last axis) with the largest element at the same place.</param>
public sealed record TensorComparison(double MaxAbsolute, double MaxRelative, double Sqnr, double Cosine, double SameTop)
{
    /// <summary>Compares two tensors of numbers of the same shape; null when they cannot be compared.</summary>
    public static TensorComparison? Of(Tensor reference, Tensor actual)
    {
        if (reference.Type == DataType.String || actual.Type == DataType.String || !reference.Shape.Dimensions.SequenceEqual(actual.Shape.Dimensions))
            return null;
        float[] x = reference.ToSingles();
        float[] y = actual.ToSingles();
        double maxDifference = 0, maxReference = 0, signal = 0, noise = 0, dot = 0, power = 0;
        for (int i = 0; i < x.Length; i++)
        {
            if (x[i].Equals(y[i]))
            {
                if (float.IsFinite(x[i]))
                    Add(x[i], x[i]);
                continue;
            }
            if (!float.IsFinite(x[i]) || !float.IsFinite(y[i]))
                return new(double.PositiveInfinity, double.PositiveInfinity, double.NegativeInfinity, 0, 0);
            Add(x[i], y[i]);
        }
        double relative = maxDifference == 0 ? 0 : maxDifference / Math.Max(maxReference, double.Epsilon);
        double sqnr = noise == 0 ? double.PositiveInfinity : 10 * Math.Log10(signal / noise);
        double cosine = signal == 0 || power == 0 ? (signal == power ? 1 : 0) : dot / Math.Sqrt(signal * power);
        return new(maxDifference, relative, sqnr, cosine, SharedTop(x, y, reference.Shape));

        void Add(double a, double b)
        {
            maxDifference = Math.Max(maxDifference, Math.Abs(a - b));
            maxReference = Math.Max(maxReference, Math.Abs(a));
            signal += a * a;
            noise += (a - b) * (a - b);
            dot += a * b;
            power += b * b;
        }
    }

    private static double SharedTop(float[] x, float[] y, TensorShape shape)
    {
        int columns = shape.Rank == 0 ? 1 : (int)shape[shape.Rank - 1];
        if (x.Length == 0 || columns == 0)
            return 1;
        int rows = x.Length / columns;
        int same = 0;
        for (int r = 0; r < rows; r++)
        {
            if (Top(x.AsSpan(r * columns, columns)) == Top(y.AsSpan(r * columns, columns)))
                same++;
        }
        return (double)same / rows;
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
