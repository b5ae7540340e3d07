using System.Diagnostics;
using TransformFramework.Workflows.Progress;

namespace TransformFramework.Workflows.Benchmarking;

/// <summary>A series of runs: as many as allowed, within a time, with a pause between them.</summary>
/// <param name="Runs">Most runs of each graph; at least one is made unless this is 0.</param>
/// <param name="Time">Time after which no run begins.</param>
/// <param name="Pause">Time between two runs.</param>
public sealed record RunSeries(int Runs, TimeSpan Time, TimeSpan Pause)
{
    /// <summary>How many rounds there will be; null when the time decides.</summary>
    public long? Rounds => Time == TimeSpan.MaxValue ? Runs : null;

    /// <summary>Runs the graphs by turns, so that what else the machine does meets all alike.</summary>
    /// <param name="runs">Each runs one graph and gives the milliseconds.</param>
    /// <param name="cancellation">Ends the series.</param>
    /// <param name="meter">Counts the rounds; null reports nothing.</param>
    /// <returns>Milliseconds of the runs, by graph.</returns>
    public double[][] Take(IReadOnlyList<Func<CancellationToken, double>> runs, CancellationToken cancellation, ProgressMeter? meter = null)
    {
        meter?.Start();
        List<double>[] times = [.. runs.Select(_ => new List<double>())];
        long start = Stopwatch.GetTimestamp();
        for (int run = 0; run < Runs && (run == 0 || Stopwatch.GetElapsedTime(start) < Time); run++)
        {
            if (run > 0 && Pause > TimeSpan.Zero && cancellation.WaitHandle.WaitOne(Pause))
                cancellation.ThrowIfCancellationRequested();
            for (int i = 0; i < runs.Count; i++)
                times[i].Add(runs[i](cancellation));
            meter?.Step();
        }
        return [.. times.Select(list => list.ToArray())];
    }
}
