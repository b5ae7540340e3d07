using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Calibration;

namespace TransformFramework.Workflows.Reports;

/// <summary>Counts the values of a tensor before and after in the same bins; what is beyond the ends counts in the first or last bin.</summary>
/// <param name="low">Lower end of the first bin.</param>
/// <param name="high">Upper end of the last bin.</param>
internal sealed class ValueHistogram(double low, double high)
{
    private const int Bins = 48;
    private readonly long[] before = new long[Bins];
    private readonly long[] after = new long[Bins];

    /// <summary>An empty histogram over all values that calibration saw, else over those of a tensor.</summary>
    public static ValueHistogram For(Tensor tensor, TensorStatistics? statistics)
    {
        if (statistics is not null && float.IsFinite(statistics.Min) && statistics.Max > statistics.Min)
            return new(statistics.Min, statistics.Max);
        float least = float.PositiveInfinity, largest = float.NegativeInfinity;
        foreach (float value in tensor.ToSingles().Where(float.IsFinite))
        {
            least = MathF.Min(least, value);
            largest = MathF.Max(largest, value);
        }
        return largest > least ? new(least, largest) : float.IsFinite(least) ? new(least - 0.5, least + 0.5) : new(0, 1);
    }

    /// <summary>Magnitudes that calibration counted, in fewer bins.</summary>
    public static ReportHistogram? OfMagnitudes(Histogram magnitudes)
    {
        ReadOnlySpan<long> counts = magnitudes.Counts;
        int used = counts.LastIndexOfAnyExcept(0L) + 1;
        if (used == 0)
            return null;
        int width = (used + Bins - 1) / Bins;
        long[] merged = new long[(used + width - 1) / width];
        for (int i = 0; i < used; i++)
            merged[i / width] += counts[i];
        return new(0, merged.Length * width * magnitudes.Width, Magnitudes: true, [.. merged], []);
    }

    public void Add(float[] reference, float[] actual)
    {
        Count(reference, before);
        Count(actual, after);
    }

    public ReportHistogram ToReport() => new(low, high, Magnitudes: false, [.. before], [.. after]);

    private void Count(float[] values, long[] counts)
    {
        double perWidth = Bins / (high - low);
        foreach (float value in values)
        {
            if (float.IsFinite(value))
                counts[(int)Math.Clamp((value - low) * perWidth, 0, Bins - 1)]++;
        }
    }
}
