using System.Collections.Immutable;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Calibration;
using TransformFramework.Workflows.Comparison;

namespace TransformFramework.Workflows.Reports;

/// <summary>Tensors that two graphs have in common, over a few samples: distribution of values before and after, and signal to noise.</summary>
public static class LayerProfile
{
    /// <summary>Samples that a report looks at.</summary>
    public const int Samples = 4;

    /// <summary>Runs both graphs on samples.</summary>
    /// <param name="backend">Runs graphs.</param>
    /// <param name="reference">The graph before.</param>
    /// <param name="actual">The graph after.</param>
    /// <param name="outputs">Tensors that the graphs are run for.</param>
    /// <param name="samples">Feeds of both graphs; the first <see cref="Samples"/> are used.</param>
    /// <param name="ranges">Calibrated ranges, or null.</param>
    /// <param name="cancellation">Ends the runs.</param>
    /// <exception cref="ExecutionException">A graph cannot be compiled or run.</exception>
    public static ImmutableArray<ReportLayer> Of(IBackend backend, Graph reference, Graph actual, IReadOnlyList<string> outputs, IEnumerable<IReadOnlyDictionary<string, Tensor>> samples, RangeFile? ranges, CancellationToken cancellation)
    {
        var layers = new Dictionary<string, LayerSums>(StringComparer.Ordinal);
        var order = new List<LayerSums>();
        foreach (var feeds in samples.Take(Samples))
            LayerComparison.Of(backend, reference, actual, outputs, feeds, new CompileOptions { Feeds = [.. feeds.Keys] }, cancellation, Add);
        return [.. order.Select(layer => layer.ToReport(ranges))];

        void Add(Node node, Tensor before, Tensor after)
        {
            if (!layers.TryGetValue(node.Name, out var sums))
                order.Add(layers[node.Name] = sums = new(node, ValueHistogram.For(before, ranges?.Tensors.GetValueOrDefault(node.Name))));
            sums.Add(before.ToSingles(), after.ToSingles());
        }
    }

    /// <summary>The calibrated tensors of one graph.</summary>
    public static ImmutableArray<ReportLayer> Of(Graph graph, RangeFile ranges) =>
    [
        .. ranges.Tensors.Where(tensor => float.IsFinite(tensor.Value.Min)).Select(tensor => new ReportLayer
        {
            Name = tensor.Key,
            Op = graph.Find(new NodeInput(tensor.Key).Node)?.Op ?? "",
            Range = RangeOf(ranges, tensor.Key),
            Histogram = ValueHistogram.OfMagnitudes(tensor.Value.Magnitudes),
        }),
    ];

    private static ReportRange? RangeOf(RangeFile? ranges, string tensor) => ranges?.Find(tensor) is var (min, max) ? new(min, max) : null;

    /// <summary>What adds up over samples for one tensor.</summary>
    private sealed class LayerSums(Node node, ValueHistogram histogram)
    {
        private double signal;
        private double noise;
        private double largest;

        public void Add(float[] before, float[] after)
        {
            histogram.Add(before, after);
            for (int i = 0; i < before.Length; i++)
            {
                double difference = (double)before[i] - after[i];
                if (!double.IsFinite(difference))
                    continue;
                signal += (double)before[i] * before[i];
                noise += difference * difference;
                largest = Math.Max(largest, Math.Abs(difference));
            }
        }

        public ReportLayer ToReport(RangeFile? ranges) => new()
        {
            Name = node.Name,
            Op = node.Op,
            SqnrDb = noise == 0 || signal == 0 ? null : 10 * Math.Log10(signal / noise),
            MaxAbsError = largest,
            Range = RangeOf(ranges, node.Name),
            Histogram = histogram.ToReport(),
        };
    }
}
