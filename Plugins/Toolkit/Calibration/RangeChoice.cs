namespace TransformFramework.Toolkit.Calibration;

/// <summary>Chooses the range of a tensor's quantized values from its statistics.</summary>
/// <param name="Method">How.</param>
/// <param name="Percentile">Share of magnitudes within the range, in percent, for <see cref="RangeMethod.Percentile"/>.</param>
public sealed record RangeChoice(RangeMethod Method, double Percentile = 99.99)
{
    /// <summary>Levels on each side of zero, or on the only side.</summary>
    private const int SignedLevels = 127;
    private const int UnsignedLevels = 255;
    private const int FewestBins = 128;

    /// <summary>The largest <see cref="Headroom"/>.</summary>
    public const float MostHeadroom = 16;

    /// <summary>By how much ranges are then widened, for values that no sample shows; at least 1.</summary>
    public float Headroom { get; init; } = 1;

    /// <summary>The range: extremes, cut off at the magnitude that the method finds, widened by the headroom.</summary>
    public (float Min, float Max) Of(TensorStatistics statistics)
    {
        float largest = MathF.Max(-statistics.Min, statistics.Max);
        if (!float.IsFinite(largest) || largest <= 0)
            return (0, 0);
        int levels = statistics.Min >= 0 || statistics.Max <= 0 ? UnsignedLevels : SignedLevels;
        float limit = MathF.Min(largest, (float)Limit(statistics.Magnitudes, levels));
        return (Widened(MathF.Max(statistics.Min, -limit)), Widened(MathF.Min(statistics.Max, limit)));
    }

    private float Widened(float end) => Math.Clamp(end * Headroom, float.MinValue, float.MaxValue);

    private double Limit(Histogram magnitudes, int levels)
    {
        int used = LastUsed(magnitudes.Counts) + 1;
        return magnitudes.Width * (Method switch
        {
            RangeMethod.Percentile => BinsWithin(magnitudes.Counts, used),
            RangeMethod.MeanSquaredError => Best(used, bins => SquaredError(magnitudes.Counts[..used], bins, levels)),
            RangeMethod.Entropy => Best(used, bins => Divergence(magnitudes.Counts[..used], bins, (levels + 1) / 2)),
            _ => Histogram.Bins,
        });
    }

    private int BinsWithin(ReadOnlySpan<long> counts, int used)
    {
        long total = 0;
        foreach (long count in counts)
            total += count;
        double wanted = total * (Percentile / 100);
        long seen = 0;
        for (int i = 0; i < used; i++)
        {
            seen += counts[i];
            if (seen >= wanted)
                return i + 1;
        }
        return used;
    }

    private static int Best(int used, Func<int, double> cost)
    {
        int best = used;
        double least = double.PositiveInfinity;
        int step = Math.Max(1, used / 256);
        for (int bins = used; bins >= Math.Min(used, FewestBins); bins -= step)
        {
            double now = cost(bins);
            if (now < least)
                (least, best) = (now, bins);
        }
        return best;
    }

    /// <summary>In units of a bin: within the range the error of rounding to steps, step²/12, else the square of what is cut off.</summary>
    private static double SquaredError(ReadOnlySpan<long> counts, int bins, int levels)
    {
        double step = (double)bins / levels;
        double error = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            double beyond = i + 0.5 - bins;
            error += counts[i] * (beyond <= 0 ? step * step / 12 : beyond * beyond);
        }
        return error;
    }

    /// <summary>
    /// Divergence of the quantized values' distribution from the one seen, where what is cut off counts for the last bin (S. Migacz, 8-bit Inference with TensorRT, 2017). The bin of zeros is left out.
    /// </summary>
    private static double Divergence(ReadOnlySpan<long> counts, int bins, int levels)
    {
        double[] seen = new double[bins];
        for (int i = 1; i < counts.Length; i++)
            seen[Math.Min(i, bins - 1)] += counts[i];
        double[] quantizedValue = new double[bins];
        for (int level = 0; level < levels; level++)
            Spread(counts, quantizedValue, (int)((long)level * bins / levels), (int)((long)(level + 1) * bins / levels));
        double seenTotal = seen.Sum();
        double quantizedTotal = quantizedValue.Sum();
        if (seenTotal <= 0 || quantizedTotal <= 0)
            return double.PositiveInfinity;
        double divergence = 0;
        for (int i = 1; i < bins; i++)
        {
            if (seen[i] > 0)
                divergence += seen[i] / seenTotal * Math.Log(seen[i] / seenTotal / Math.Max(quantizedValue[i] / quantizedTotal, 1e-12));
        }
        return divergence;
    }

    /// <summary>Shares the counts of one level evenly among its bins that are not empty.</summary>
    private static void Spread(ReadOnlySpan<long> counts, double[] quantizedValue, int from, int to)
    {
        long sum = 0;
        int filled = 0;
        for (int i = Math.Max(1, from); i < to; i++)
        {
            sum += counts[i];
            filled += counts[i] > 0 ? 1 : 0;
        }
        for (int i = Math.Max(1, from); i < to; i++)
            quantizedValue[i] = counts[i] > 0 ? (double)sum / filled : 0;
    }

    private static int LastUsed(ReadOnlySpan<long> counts) => Math.Max(0, counts.LastIndexOfAnyExcept(0L));
}
