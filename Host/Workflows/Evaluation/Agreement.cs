using System.Collections.Immutable;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Sampling;
using TransformFramework.Workflows.Progress;
using TransformFramework.Workflows.Data;

namespace TransformFramework.Workflows.Evaluation;

/// <summary>How well a graph agrees with a reference over samples.</summary>
/// <param name="Samples">Number of samples.</param>
/// <param name="Rows">Rows (along the last axis) of the first output.</param>
/// <param name="SameTop">How many of them have the largest element at the same place.</param>
/// <param name="Noise">Signal to noise of the worst output.</param>
public sealed record Agreement(int Samples, long Rows, long SameTop, SignalToNoise Noise)
{
    /// <summary>Share of rows with the same answer, from 0 to 1.</summary>
    public double Share => Rows == 0 ? 1 : (double)SameTop / Rows;

    /// <summary>Percentage points of rows with another answer.</summary>
    public double PointsLost => Rows == 0 ? 0 : 100.0 * (Rows - SameTop) / Rows;

    /// <summary>Signal to noise in dB; infinite when all are equal.</summary>
    public double Sqnr => Noise.Decibels;

    /// <summary>Runs both graphs on all samples.</summary>
    /// <exception cref="FeedException">A sample cannot be read.</exception>
    public static Agreement Measure(IBackend backend, Graph reference, Graph actual, IReadOnlyList<string> outputs, IEnumerable<IReadOnlyDictionary<string, Tensor>> samples, CancellationToken cancellation, IProgress<WorkProgress>? progress = null) =>
        Measure(backend, reference, [actual], outputs, samples, cancellation, progress)[0];

    /// <summary>Runs several graphs beside one reference, which runs once a sample.</summary>
    /// <returns>One agreement for each graph.</returns>
    /// <exception cref="FeedException">A sample cannot be read.</exception>
    public static Agreement[] Measure(IBackend backend, Graph reference, IReadOnlyList<Graph> actual, IReadOnlyList<string> outputs, IEnumerable<IReadOnlyDictionary<string, Tensor>> samples, CancellationToken cancellation, IProgress<WorkProgress>? progress = null)
    {
        Sums[] sums = [.. actual.Select(_ => new Sums(outputs.Count))];
        int count = 0;
        foreach (var results in Results(backend, [reference, .. actual], outputs, new ProgressMeter(progress, "comparing").Count(samples), feeds => feeds, cancellation))
        {
            for (int i = 0; i < sums.Length; i++)
                sums[i].Add(results.Of[0], results.Of[i + 1]);
            count++;
        }
        return [.. sums.Select(sum => sum.Result(count))];
    }

    /// <summary>Runs a graph on samples of which the reference's outputs are known.</summary>
    /// <param name="backend">Runs the graph.</param>
    /// <param name="samples">The samples.</param>
    /// <param name="actual">The graph.</param>
    /// <param name="outputs">Tensors that are compared.</param>
    /// <param name="atOnce">How many samples may run at a time; 1 where other graphs run beside this one.</param>
    /// <param name="cancellation">Ends the runs.</param>
    /// <exception cref="FeedException">A sample cannot be read.</exception>
    internal static Agreement Measure(IBackend backend, IEnumerable<KnownSample> samples, Graph actual, IReadOnlyList<string> outputs, int atOnce, CancellationToken cancellation)
    {
        var sums = new Sums(outputs.Count);
        int count = 0;
        foreach (var results in Results(backend, [actual], outputs, samples, sample => sample.Feeds, cancellation, atOnce))
        {
            sums.Add(results.Sample.Outputs, results.Of[0]);
            count++;
        }
        return sums.Result(count);
    }

    /// <summary>The outputs of graphs for each sample, in order.</summary>
    internal static IEnumerable<(T Sample, ImmutableArray<Tensor>[] Of)> Results<T>(IBackend backend, IReadOnlyList<Graph> graphs, IReadOnlyList<string> outputs, IEnumerable<T> samples, Func<T, IReadOnlyDictionary<string, Tensor>> feedsOf, CancellationToken cancellation, int atOnce = 0)
    {
        IExecutable[]? executables = null;
        object? gate = null;
        return SampleRuns.InOrder(samples, Run, cancellation, atOnce);

        (T, ImmutableArray<Tensor>[]) Run(T sample)
        {
            var feeds = feedsOf(sample);
            var compiled = LazyInitializer.EnsureInitialized(ref executables, ref gate, () => Compile([.. feeds.Keys]));
            return (sample, [.. compiled.Select(executable => executable.Run(feeds, cancellation))]);
        }

        IExecutable[] Compile(ImmutableArray<string> feeds) => [.. graphs.Select(graph => backend.Compile(graph, outputs, new CompileOptions { Feeds = feeds, Threads = 1 }))];
    }

    private static long RowsOf(Tensor tensor) => tensor.Shape.Rank == 0 ? 1 : tensor.ElementCount / Math.Max(1, tensor.Shape[tensor.Shape.Rank - 1]);

    /// <summary>What adds up over samples.</summary>
    private sealed class Sums(int outputs)
    {
        private readonly SignalToNoise[] noises = [.. Enumerable.Range(0, outputs).Select(_ => new SignalToNoise())];
        private long rows;
        private long same;

        public void Add(ImmutableArray<Tensor> right, ImmutableArray<Tensor> judged)
        {
            for (int i = 0; i < right.Length; i++)
            {
                if (TensorComparison.Of(right[i], judged[i]) is not { } comparison)
                    continue;
                noises[i].Add(right[i], judged[i]);
                if (i > 0)
                    continue;
                long here = RowsOf(right[i]);
                rows += here;
                same += (long)Math.Round(comparison.SameTop * here);
            }
        }

        public Agreement Result(int samples) => new(samples, rows, same, noises.MinBy(noise => noise.Decibels) ?? new());
    }
}
