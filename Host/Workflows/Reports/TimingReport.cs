using System.Collections.Immutable;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Workflows.Benchmarking;

namespace TransformFramework.Workflows.Reports;

/// <summary>The report of run times.</summary>
public static class TimingReport
{
    private const int Runs = 20;
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(0.5);

    /// <summary>What a benchmark measured.</summary>
    public static ReportTiming Of(string model, GraphMeasurement measured) => new(model, measured.Times.Median, measured.Times.InOrder, Nodes(measured.Graph.Steps));

    /// <summary>Measures models briefly, by turns.</summary>
    /// <exception cref="ExecutionException">A model cannot be compiled or run.</exception>
    public static ImmutableArray<ReportTiming> Measure(IBackend backend, IReadOnlyList<(string Name, Graph Graph)> models, IReadOnlyList<string> outputs, IReadOnlyDictionary<string, Tensor> feeds, CancellationToken cancellation)
    {
        BenchmarkedGraph[] graphs = [.. models.Select(model => new BenchmarkedGraph(model.Graph, backend, outputs, feeds, threads: 0))];
        foreach (BenchmarkedGraph graph in graphs)
            graph.Compile();
        new RunSeries(2, Enough, TimeSpan.Zero).Take([.. graphs.Select(graph => (Func<CancellationToken, double>)graph.Run)], cancellation);
        double[][] timed = new RunSeries(Runs, Enough, TimeSpan.Zero).Take([.. graphs.Select(graph => (Func<CancellationToken, double>)graph.Run)], cancellation);
        new RunSeries(Runs, Enough, TimeSpan.Zero).Take([.. graphs.Select(graph => (Func<CancellationToken, double>)graph.RunRecorded)], cancellation);
        return [.. models.Select((model, i) => new ReportTiming(model.Name, new RunTimes(timed[i]).Median, [.. timed[i]], Nodes(graphs[i].Steps)))];
    }

    private static ImmutableArray<ReportNodeTime> Nodes(StepRecorder steps) =>
    [
        .. steps.Nodes.Select(total => new ReportNodeTime(total.Node.Name, total.Node.Op, total.Milliseconds.Total / steps.Runs, total.Bytes / steps.Runs)).OrderByDescending(node => node.Milliseconds),
    ];
}
