using System.Collections.Immutable;

namespace TransformFramework.Workflows.Tuning;

/// <summary>What a graph with some layers in float is worth and what it costs.</summary>
/// <param name="KeptFloat">How many of the ranked layers stay float, the most sensitive first.</param>
/// <param name="Sqnr">Signal to noise of the outputs against the float graph, in dB.</param>
/// <param name="PointsLost">Percentage points of answers that are not the float graph's.</param>
/// <param name="Milliseconds">Median time of a run of one sample.</param>
/// <param name="Bytes">Size of the graph's file.</param>
public sealed record TuningPoint(int KeptFloat, double Sqnr, double PointsLost, double Milliseconds, long Bytes)
{
    /// <summary>The points that no other one equals or beats in all of noise, time and size, by the number of layers kept.</summary>
    public static ImmutableArray<TuningPoint> Front(IEnumerable<TuningPoint> points)
    {
        TuningPoint[] all = [.. points];
        return [.. all.Where(point => !all.Any(other => other.Beats(point))).OrderBy(point => point.KeptFloat)];
    }

    private bool Beats(TuningPoint other) =>
        Sqnr >= other.Sqnr && Milliseconds <= other.Milliseconds && Bytes <= other.Bytes && (Sqnr > other.Sqnr || Milliseconds < other.Milliseconds || Bytes < other.Bytes);
}
