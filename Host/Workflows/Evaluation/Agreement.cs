using System.Collections.Immutable;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Workflows.Progress;
using TransformFramework.Workflows.Data;

namespace TransformFramework.Workflows.Evaluation;

/// <summary>How well a graph agrees with a reference over samples.</summary>
/// <param name="Samples">Number of samples.</param>
/// <param name="Rows">Rows (along the last axis) of the first output.</param>
/// <param name="SameTop">How many of them have the largest element at the same place.</param>
/// <param name="Sqnr">Signal to noise over all samples in dB, of the worst output; infinite when all are equal.</param>
public sealed record Agreement(int Samples, long Rows, long SameTop, double Sqnr)
{
    /// <summary>Share of rows with the same answer, from 0 to 1.</summary>
    public double Share => Rows == 0 ? 1 : (double)SameTop / Rows;

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
        IExecutable? expected = null;
        IExecutable[] found = [];
        int count = 0;
        foreach (var feeds in new ProgressMeter(progress, "comparing").Count(samples))
        {
            cancellation.ThrowIfCancellationRequested();
            if (expected is null)
            {
                var options = new CompileOptions { Feeds = [.. feeds.Keys] };
                expected = backend.Compile(reference, outputs, options);
                found = [.. actual.Select(graph => backend.Compile(graph, outputs, options))];
            }
            var right = expected.Run(feeds, cancellation);
            for (int i = 0; i < found.Length; i++)
                sums[i].Add(right, found[i].Run(feeds, cancellation));
            count++;
        }
        return [.. sums.Select(sum => sum.Result(count))];
    }

    private static long RowsOf(Tensor tensor) => tensor.Shape.Rank == 0 ? 1 : tensor.ElementCount / Math.Max(1, tensor.Shape[tensor.Shape.Rank - 1]);

    private static (double Signal, double Noise) Powers(Tensor reference, Tensor actual)
    {
        float[] x = reference.ToSingles();
        float[] y = actual.ToSingles();
        double signal = 0, noise = 0;
        for (int i = 0; i < x.Length; i++)
        {
            if (!float.IsFinite(x[i]))
                continue;
            signal += (double)x[i] * x[i];
            noise += ((double)x[i] - y[i]) * ((double)x[i] - y[i]);
        }
        return (signal, noise);
    }

    /// <summary>What adds up over samples.</summary>
    private sealed class Sums(int outputs)
    {
        private readonly double[] signal = new double[outputs];
        private readonly double[] noise = new double[outputs];
        private long rows;
        private long same;

        public void Add(ImmutableArray<Tensor> right, ImmutableArray<Tensor> judged)
        {
            for (int i = 0; i < right.Length; i++)
            {
                if (TensorComparison.Of(right[i], judged[i]) is not { } comparison)
                    continue;
                (double power, double error) = Powers(right[i], judged[i]);
                signal[i] += power;
                noise[i] += error;
                if (i > 0)
                    continue;
                long here = RowsOf(right[i]);
                rows += here;
                same += (long)Math.Round(comparison.SameTop * here);
            }
        }

        public Agreement Result(int samples) =>
            new(samples, rows, same, signal.Zip(noise, (power, error) => error == 0 ? double.PositiveInfinity : 10 * Math.Log10(power / error)).Min());
    }
}
