using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Sampling;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Evaluation;
using TransformFramework.Workflows.Progress;

namespace TransformFramework.Workflows.Tuning;

/// <summary>What each layer costs when it alone is quantized: signal to noise of the graph's results. A few samples are enough to compare layers, so that all of them take a few times as long as one evaluation. Each processor runs layers of its own.</summary>
internal static class LayerNoise
{
    private const int Samples = 4;

    /// <summary>Signal to noise in dB by the layer's name; infinite for layers that stay as they are.</summary>
    /// <param name="backend">Runs graphs.</param>
    /// <param name="reference">The float graph.</param>
    /// <param name="quantized">The quantized graph.</param>
    /// <param name="layers">Layers of the float graph.</param>
    /// <param name="outputs">Tensors that are compared.</param>
    /// <param name="samples">Gives the samples from the first on.</param>
    /// <param name="progress">Receives how many layers have been run.</param>
    /// <param name="cancellation">Ends the runs.</param>
    /// <exception cref="FeedException">A sample cannot be read.</exception>
    public static Dictionary<string, double> Measure(IBackend backend, Graph reference, Graph quantized, IReadOnlyList<Node> layers, IReadOnlyList<string> outputs, Func<IEnumerable<IReadOnlyDictionary<string, Tensor>>> samples, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        KnownSample[] known = [.. new KnownSamples(backend, reference, outputs, () => samples().Take(Samples), cancellation).All()];
        return SampleRuns.InOrder(new ProgressMeter(progress, "ranking layers", layers.Count).Count(layers), layer => KeyValuePair.Create(layer.Name, Decibels(layer)), cancellation).ToDictionary(StringComparer.Ordinal);

        double Decibels(Node layer) => ForcedGraph.Of(reference, quantized, layer, outputs) is var (graph, results)
            ? Agreement.Measure(backend, known, graph, results, atOnce: 1, cancellation).Sqnr
            : double.PositiveInfinity;
    }
}
