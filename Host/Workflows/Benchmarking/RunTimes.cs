using System.Collections.Immutable;

namespace TransformFramework.Workflows.Benchmarking;

/// <summary>Wall times of runs in milliseconds, in the order of the runs; at least one.</summary>
public sealed class RunTimes(IReadOnlyList<double> milliseconds)
{
    private readonly double[] sorted = [.. milliseconds.Order()];

    public int Count => milliseconds.Count;

    public double First => milliseconds[0];

    public double Last => milliseconds[^1];

    public double Least => sorted[0];

    public double Greatest => sorted[^1];

    public double Mean => milliseconds.Average();

    /// <summary>The times in the order of the runs.</summary>
    public ImmutableArray<double> InOrder => [.. milliseconds];

    /// <summary>The middle one, or the mean of the two in the middle.</summary>
    public double Median => (sorted[(Count - 1) / 2] + sorted[Count / 2]) / 2;

    /// <summary>Standard deviation of the population.</summary>
    public double Deviation => Math.Sqrt(milliseconds.Average(time => (time - Mean) * (time - Mean)));

    /// <summary>The least time that a share of the runs do not exceed (nearest rank).</summary>
    public double Percentile(double share) => sorted[Math.Clamp((int)Math.Ceiling(share * Count) - 1, 0, Count - 1)];
}
