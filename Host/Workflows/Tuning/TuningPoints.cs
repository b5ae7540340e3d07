using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.GraphDefs;
using TransformFramework.Workflows.Benchmarking;
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
    private const int FewRuns = 3;
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

    /// <summary>A point for each graph, given with the number of layers that it keeps.</summary>
    /// <param name="candidates">Numbers of layers and what makes the graphs.</param>
    /// <param name="known">Points that need not be measured again but for their times.</param>
    /// <param name="measured">Receives each point as soon as there is one; its time is that of few runs. In the end times are taken by turns, so that what else the machine does meets all alike.</param>
    /// <param name="progress">Receives how far the measuring is.</param>
    public ImmutableArray<TuningPoint> Measure(IReadOnlyList<(int KeptFloat, Func<Graph> Graph)> candidates, IReadOnlyDictionary<int, TuningPoint> known, Action<TuningPoint> measured, IProgress<WorkProgress>? progress)
    {
        var judging = new KnownSamples(quantization.Backend, reference, quantization.Outputs, samples, quantization.Cancellation);
        IReadOnlyDictionary<string, Tensor> feeds = samples().First();
        var points = new List<TuningPoint>();
        var runs = new List<Func<CancellationToken, double>>();
        foreach (var (kept, build) in candidates)
        {
            Graph graph = build();
            var timed = new BenchmarkedGraph(graph, quantization.Backend, quantization.Outputs, feeds, threads: 0);
            timed.Compile();
            runs.Add(timed.Run);
            double milliseconds = MedianOf([timed.Run], FewRuns)[0];
            TuningPoint point = known.GetValueOrDefault(kept) ?? PointOf(kept, graph);
            points.Add(point with { Milliseconds = milliseconds });
            measured(points[^1]);
        }
        double[] times = MedianOf(runs, TimedRuns);
        return [.. points.Select((point, i) => point with { Milliseconds = times[i] })];

        TuningPoint PointOf(int kept, Graph graph)
        {
            Agreement agreement = Agreement.Measure(quantization.Backend, judging.All(), graph, quantization.Outputs, quantization.Cancellation, progress);
            return new(kept, agreement.Sqnr, agreement.PointsLost, Milliseconds: 0, GraphDefWriter.Measure(graph));
        }
    }

    /// <summary>Median milliseconds of graphs that run by turns, after one run that does not count.</summary>
    private double[] MedianOf(IReadOnlyList<Func<CancellationToken, double>> runs, int count)
    {
        new RunSeries(1, Enough, TimeSpan.Zero).Take(runs, quantization.Cancellation);
        return [.. new RunSeries(count, Enough * runs.Count, TimeSpan.Zero).Take(runs, quantization.Cancellation).Select(times => new RunTimes(times).Median)];
    }
}
