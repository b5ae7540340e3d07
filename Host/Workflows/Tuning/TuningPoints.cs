using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.GraphDefs;
using TransformFramework.Workflows.Benchmarking;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Evaluation;
using TransformFramework.Workflows.Progress;
using TransformFramework.Workflows.Quantization;

namespace TransformFramework.Workflows.Tuning;

/// <summary>Measures graphs with none, one, two, four … and all of the ranked layers in float. Each is measured by itself, so that they may be measured in any order and place.</summary>
/// <param name="quantization">How a graph is run.</param>
/// <param name="reference">The float graph.</param>
/// <param name="samples">Gives the samples from the first on.</param>
internal sealed class TuningPoints(StaticQuantization quantization, Graph reference, Func<IEnumerable<IReadOnlyDictionary<string, Tensor>>> samples)
{
    private const int TimedRuns = 9;
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(1);

    /// <summary>The numbers of layers to keep.</summary>
    public static ImmutableArray<int> Counts(int layers)
    {
        var counts = ImmutableArray.CreateBuilder<int>();
        for (int count = 0; count < layers; count = Math.Max(1, count * 2))
            counts.Add(count);
        counts.Add(layers);
        return counts.ToImmutable();
    }

    /// <summary>A point for each graph, given with the number of layers that it keeps. Their times are taken by turns.</summary>
    public ImmutableArray<TuningPoint> Measure(IReadOnlyList<(int KeptFloat, Graph Graph)> candidates, IProgress<WorkProgress>? progress)
    {
        Graph[] graphs = [.. candidates.Select(candidate => candidate.Graph)];
        Agreement[] agreements = Agreement.Measure(quantization.Backend, reference, graphs, quantization.Outputs, samples(), quantization.Cancellation, progress);
        IReadOnlyDictionary<string, Tensor> feeds = samples().First();
        BenchmarkedGraph[] timed = [.. graphs.Select(graph => new BenchmarkedGraph(graph, quantization.Backend, quantization.Outputs, feeds, threads: 0))];
        foreach (BenchmarkedGraph graph in timed)
            graph.Compile();
        Func<CancellationToken, double>[] runs = [.. timed.Select(graph => (Func<CancellationToken, double>)graph.Run)];
        new RunSeries(1, Enough, TimeSpan.Zero).Take(runs, quantization.Cancellation);
        double[][] times = new RunSeries(TimedRuns, Enough * runs.Length, TimeSpan.Zero).Take(runs, quantization.Cancellation);
        return [.. candidates.Select((candidate, i) => new TuningPoint(candidate.KeptFloat, agreements[i].Sqnr, agreements[i].PointsLost, new RunTimes(times[i]).Median, GraphDefWriter.Measure(candidate.Graph)))];
    }
}
