using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.GraphDefs;
using TransformFramework.Toolkit.Sampling;
using TransformFramework.Workflows.Benchmarking;
using TransformFramework.Workflows.Evaluation;
using TransformFramework.Workflows.Progress;
using TransformFramework.Workflows.Quantization;

namespace TransformFramework.Workflows.Tuning;

/// <summary>Measures graphs with none, one, two, four … and all of the ranked layers in float. Each is measured by itself, so that they may be measured in any order and place.</summary>
/// <param name="quantization">How a graph is run.</param>
/// <param name="judging">The samples with the float graph's outputs.</param>
/// <param name="samples">Gives the samples from the first on.</param>
internal sealed class TuningPoints(StaticQuantization quantization, KnownSamples judging, Func<IEnumerable<IReadOnlyDictionary<string, Tensor>>> samples)
{
    private const int TimedRuns = 5;
    private const int FewRuns = 1;
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

    /// <summary>A point for each graph, given with the number of layers that it keeps. Each processor makes and judges graphs of its own; then they are timed by turns.</summary>
    /// <param name="candidates">Numbers of layers and what makes the graphs, on several threads.</param>
    /// <param name="known">Points that need not be measured again but for their times.</param>
    /// <param name="measured">Receives each point as soon as there is one; its time is that of a run on one processor beside other work. In the end times are taken by turns, so that what else the machine does meets all alike.</param>
    /// <param name="progress">Receives how many graphs have been begun.</param>
    public ImmutableArray<TuningPoint> Measure(IReadOnlyList<(int KeptFloat, Func<Graph> Graph)> candidates, IReadOnlyDictionary<int, TuningPoint> known, Action<TuningPoint> measured, IProgress<WorkProgress>? progress)
    {
        if (candidates.Any(candidate => !known.ContainsKey(candidate.KeptFloat)))
            judging.Learn();
        IReadOnlyDictionary<string, Tensor> feeds = samples().First();
        int atOnce = Math.Max(1, SampleRuns.AtOnce / candidates.Count);
        var points = new List<TuningPoint>();
        var graphs = new List<Graph>();
        foreach (var (graph, point) in SampleRuns.InOrder(new ProgressMeter(progress, "measuring candidates", candidates.Count).Count(candidates), Judged, quantization.Cancellation))
        {
            points.Add(point);
            graphs.Add(graph);
            measured(point);
        }
        double[] times = MedianOf([.. graphs.Select(graph => Timed(graph, threads: 0))], TimedRuns);
        return [.. points.Select((point, i) => point with { Milliseconds = times[i] })];

        (Graph, TuningPoint) Judged((int KeptFloat, Func<Graph> Graph) candidate)
        {
            Graph graph = candidate.Graph();
            TuningPoint point = known.GetValueOrDefault(candidate.KeptFloat) ?? PointOf(candidate.KeptFloat, graph);
            return (graph, point with { Milliseconds = MedianOf([Timed(graph, threads: 1)], FewRuns)[0] });
        }

        TuningPoint PointOf(int kept, Graph graph)
        {
            Agreement agreement = Agreement.Measure(quantization.Backend, judging.All(atOnce), graph, quantization.Outputs, atOnce, quantization.Cancellation);
            return new(kept, agreement.Sqnr, agreement.PointsLost, Milliseconds: 0, GraphDefWriter.Measure(graph));
        }

        BenchmarkedGraph Timed(Graph graph, int threads)
        {
            var timed = new BenchmarkedGraph(graph, quantization.Backend, quantization.Outputs, feeds, threads);
            timed.Compile();
            return timed;
        }
    }

    /// <summary>Median milliseconds of graphs that run by turns, after one run that does not count.</summary>
    private double[] MedianOf(IReadOnlyList<BenchmarkedGraph> graphs, int count)
    {
        Func<CancellationToken, double>[] runs = [.. graphs.Select(graph => (Func<CancellationToken, double>)graph.Run)];
        new RunSeries(1, Enough, TimeSpan.Zero).Take(runs, quantization.Cancellation);
        return [.. new RunSeries(count, Enough * runs.Length, TimeSpan.Zero).Take(runs, quantization.Cancellation).Select(times => new RunTimes(times).Median)];
    }
}
