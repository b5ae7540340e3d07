using TransformFramework.Execution;
using TransformFramework.Workflows.Progress;

namespace TransformFramework.Workflows.Benchmarking;

/// <summary>Measures graphs side by side.</summary>
/// <param name="Warmup">Runs before the timed ones, one at least; the first of all is the cold run.</param>
/// <param name="Timed">The timed runs.</param>
/// <param name="Recorded">The runs whose steps are recorded.</param>
public sealed record Benchmark(RunSeries Warmup, RunSeries Timed, RunSeries Recorded)
{
    /// <summary>Time between two series.</summary>
    public TimeSpan Pause { get; init; }

    /// <summary>Compiles and runs the graphs; the order of the results is theirs.</summary>
    /// <exception cref="ExecutionException">A graph cannot be compiled or run.</exception>
    public IReadOnlyList<GraphMeasurement> Run(IReadOnlyList<(string File, long FileBytes, BenchmarkedGraph Graph)> graphs, CancellationToken cancellation, IProgress<WorkProgress>? progress = null)
    {
        double[] compiled = [.. graphs.Select(entry => entry.Graph.Compile())];
        Func<CancellationToken, double>[] runs = [.. graphs.Select(entry => (Func<CancellationToken, double>)entry.Graph.Run)];
        double[][] warmup = Warmup.Take(runs, cancellation, new(progress, "warming up", Warmup.Rounds));
        Rest(cancellation);
        double[][] timed = Timed.Take(runs, cancellation, new(progress, "timing", Timed.Rounds));
        long[] allocated = [.. runs.Select(run => Allocated(run, cancellation))];
        Rest(cancellation);
        double[][] recorded = Recorded.Take([.. graphs.Select(entry => (Func<CancellationToken, double>)entry.Graph.RunRecorded)], cancellation, new(progress, "recording steps", Recorded.Rounds));
        return
        [
            .. graphs.Select((entry, i) => new GraphMeasurement(entry.File, entry.FileBytes, entry.Graph)
            {
                CompileMilliseconds = compiled[i],
                Warmup = new(warmup[i]),
                Times = new(timed[i]),
                Recorded = new(recorded[i]),
                AllocatedBytes = allocated[i],
                Flops = FlopCount.Of(entry.Graph, onlyOriginal: false),
            }),
        ];
    }

    private void Rest(CancellationToken cancellation)
    {
        if (Pause > TimeSpan.Zero && cancellation.WaitHandle.WaitOne(Pause))
            cancellation.ThrowIfCancellationRequested();
    }

    private static long Allocated(Func<CancellationToken, double> run, CancellationToken cancellation)
    {
        long before = GC.GetTotalAllocatedBytes(precise: true);
        run(cancellation);
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }
}
