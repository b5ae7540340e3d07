using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Sampling;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Progress;

namespace TransformFramework.Workflows.Tuning;

/// <summary>What each layer loses by itself when it reads the float graph's data: signal to noise of its result, all layers in one pass over samples.</summary>
internal static class LayerNoise
{
    private const double DecibelsPerPower = 10;

    /// <summary>Signal to noise in dB by the layer's name; infinite for layers that stay as they are.</summary>
    /// <param name="backend">Runs graphs.</param>
    /// <param name="reference">The float graph.</param>
    /// <param name="quantized">The quantized graph.</param>
    /// <param name="layers">Layers of the float graph.</param>
    /// <param name="samples">The samples.</param>
    /// <param name="progress">Receives how many samples have been run.</param>
    /// <param name="cancellation">Ends the runs.</param>
    /// <exception cref="FeedException">A sample cannot be read.</exception>
    public static Dictionary<string, double> Measure(IBackend backend, Graph reference, Graph quantized, IReadOnlyList<Node> layers, IEnumerable<IReadOnlyDictionary<string, Tensor>> samples, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        var (graph, judged) = ForcedGraph.Of(reference, quantized, layers);
        var sums = new (double Signal, double Noise)[judged.Length];
        IExecutable? compiled = null;
        object? gate = null;
        foreach (var some in SampleRuns.InOrder(new ProgressMeter(progress, "ranking layers").Count(samples), Run, cancellation))
        {
            for (int i = 0; i < sums.Length; i++)
                sums[i] = (sums[i].Signal + some[i].Signal, sums[i].Noise + some[i].Noise);
        }
        var decibels = layers.ToDictionary(layer => layer.Name, _ => double.PositiveInfinity, StringComparer.Ordinal);
        for (int i = 0; i < sums.Length; i++)
            decibels[judged[i].Layer] = sums[i].Noise > 0 ? DecibelsPerPower * Math.Log10(sums[i].Signal / sums[i].Noise) : double.PositiveInfinity;
        return decibels;

        (double Signal, double Noise)[] Run(IReadOnlyDictionary<string, Tensor> feeds)
        {
            IExecutable executable = LazyInitializer.EnsureInitialized(ref compiled, ref gate, () => backend.Compile(graph, [.. judged.SelectMany(layer => (string[])[layer.Right, layer.Judged])], new CompileOptions { Feeds = [.. feeds.Keys], Threads = 1 }));
            var values = executable.Run(feeds, cancellation);
            return [.. Enumerable.Range(0, judged.Length).Select(i => Powers(values[2 * i], values[(2 * i) + 1]))];
        }
    }

    private static (double Signal, double Noise) Powers(Tensor right, Tensor judged)
    {
        if (right.Type != DataType.Float || judged.Type != DataType.Float || right.ElementCount != judged.ElementCount)
            return default;
        ReadOnlySpan<float> expected = right.AsSpan<float>();
        ReadOnlySpan<float> found = judged.AsSpan<float>();
        double signal = 0, noise = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            double difference = (double)expected[i] - found[i];
            signal += (double)expected[i] * expected[i];
            noise += difference * difference;
        }
        return (signal, noise);
    }
}
