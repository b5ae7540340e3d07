using System.Collections.Immutable;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Static;

/// <summary>
/// Corrects biases front to back by running the quantized graph layer by layer: the mean of each channel after the activation becomes that of the float graph (a Newton step divides the difference by the
/// share of values that the activation lets move). Each layer runs on what the corrected layers before it computed.
/// </summary>
internal sealed class MeanMatching
{
    private const int Steps = 3;

    /// <summary>Channels that the activation nearly always cuts are left alone.</summary>
    private const float SmallestShare = 0.02f;

    private readonly QuantizationPlan plan;
    private readonly TransformContext context;
    private readonly ImmutableArray<Dictionary<string, Tensor>> samples;
    private readonly Dictionary<string, Tensor>[] computed;

    /// <param name="plan">What is quantized.</param>
    /// <param name="samples">What the samples feed.</param>
    /// <param name="context">The run.</param>
    public MeanMatching(QuantizationPlan plan, ImmutableArray<Dictionary<string, Tensor>> samples, TransformContext context)
    {
        this.plan = plan;
        this.samples = samples;
        this.context = context;
        computed = [.. samples.Select(sample => new Dictionary<string, Tensor>(sample, StringComparer.Ordinal))];
    }

    /// <summary>The quantizer with corrected biases.</summary>
    /// <param name="graph">The float graph.</param>
    /// <param name="quantizer">Rounds the weights.</param>
    public LayerQuantizer Run(Graph graph, LayerQuantizer quantizer)
    {
        var wanted = FloatMeans(graph);
        var builder = new QuantizedGraphBuilder(graph, plan, quantizer, new MeasuringContext(context, plan));
        var parts = LayerPart.Split(builder.Build(), plan, builder);
        var lastUse = parts.SelectMany((part, i) => part.Feeds.Select(feed => (feed, i))).GroupBy(use => use.feed, StringComparer.Ordinal).ToDictionary(uses => uses.Key, uses => uses.Max(use => use.i), StringComparer.Ordinal);
        for (int i = 0; i < parts.Length; i++)
        {
            quantizer = Correct(parts[i], wanted[parts[i].Tail], quantizer);
            foreach (string done in parts[i].Feeds.Append(parts[i].Result).Where(feed => lastUse.GetValueOrDefault(feed, -1) <= i))
            {
                foreach (var values in computed)
                    values.Remove(done);
            }
        }
        return quantizer;
    }

    private Dictionary<string, ChannelMeans> FloatMeans(Graph graph)
    {
        FusedLayer[] layers = [.. plan.Layers.Select(layer => layer.Layer)];
        var means = layers.ToDictionary(layer => layer.Tail.Name, layer => new ChannelMeans(layer.Bias.Length, false, 0), StringComparer.Ordinal);
        string[] tails = [.. means.Keys];
        IExecutable executable = context.Backend!.Compile(graph, tails, CompileOptions.Default);
        foreach (var sample in samples)
        {
            var values = executable.Run(sample, context.Cancellation);
            for (int i = 0; i < tails.Length; i++)
                means[tails[i]].Add(values[i]);
        }
        return means;
    }

    private LayerQuantizer Correct(LayerPart part, ChannelMeans wanted, LayerQuantizer quantizer)
    {
        FusedLayer layer = part.Planned.Layer;
        float high = part.Planned.Output is { } output && layer.HasRelu ? output.End * 0.999f : float.PositiveInfinity;
        for (int step = 0; ; step++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            IExecutable executable = context.Backend!.Compile(part.WithBias(quantizer), [part.Tail, part.Result], new CompileOptions { Feeds = part.Feeds });
            var found = new ChannelMeans(layer.Bias.Length, layer.HasRelu, high);
            foreach (var values in computed)
            {
                var results = executable.Run(part.Feeds.ToDictionary(feed => feed, feed => values[feed], StringComparer.Ordinal), context.Cancellation);
                found.Add(results[0]);
                values[part.Result] = results[1];
            }
            if (step == Steps)
                return quantizer;
            float[] shares = found.Shares;
            quantizer = quantizer.WithOffset(layer, [.. quantizer.OffsetOf(layer).Select((offset, c) => shares[c] < SmallestShare ? offset : offset + (wanted.Less(found, c) / shares[c]))]);
        }
    }

    /// <summary>Means of channels, and the share of values that an activation does not cut.</summary>
    private sealed class ChannelMeans(int channels, bool isCut, float high)
    {
        private readonly double[] sums = new double[channels];
        private readonly long[] inside = new long[channels];
        private long positions;

        public float[] Shares => [.. inside.Select(count => (float)count / Math.Max(1, positions))];

        public void Add(Tensor values)
        {
            ReadOnlySpan<float> elements = values.AsSpan<float>();
            for (int row = 0; row + channels <= elements.Length; row += channels)
            {
                for (int c = 0; c < channels; c++)
                {
                    float value = elements[row + c];
                    sums[c] += value;
                    inside[c] += !isCut || (value > 0 && value < high) ? 1 : 0;
                }
            }
            positions += elements.Length / channels;
        }

        public float Less(ChannelMeans other, int channel) => (float)((sums[channel] / Math.Max(1, positions)) - (other.sums[channel] / Math.Max(1, other.positions)));
    }

    /// <summary>What computes a layer's result from the results of layers before it and the inputs.</summary>
    /// <param name="Planned">The layer.</param>
    /// <param name="Result">The tensor that later layers read: its quantized values, or its real ones.</param>
    /// <param name="Bias">Name of the constant that holds the bias.</param>
    /// <param name="Graph">The nodes.</param>
    /// <param name="Feeds">What they read from outside.</param>
    private sealed record LayerPart(PlannedLayer Planned, string Result, string Bias, Graph Graph, ImmutableArray<string> Feeds)
    {
        public string Tail => Planned.Layer.Tail.Name;

        /// <summary>The parts of a quantized graph in which every layer's result is an output, in execution order.</summary>
        public static ImmutableArray<LayerPart> Split(Graph quantized, QuantizationPlan plan, QuantizedGraphBuilder builder)
        {
            var order = ExecutionOrder.Sort(quantized).Nodes.Select((node, i) => (node.Name, i)).ToDictionary(entry => entry.Name, entry => entry.i, StringComparer.Ordinal);
            var results = plan.Layers.ToDictionary(layer => builder.ResultOf(layer), StringComparer.Ordinal);
            return [.. results.OrderBy(entry => order[entry.Key]).Select(entry => Of(quantized, entry.Value, entry.Key, results.Keys, builder))];
        }

        public Graph WithBias(LayerQuantizer quantizer)
        {
            Tensor bias = QuantizedLayerBuilder.BiasTensor(Planned, quantizer.Quantize(Planned));
            return Graph.Select(node => node.Name == Bias ? Node.Constant(node.Name, bias) : node);
        }

        private static LayerPart Of(Graph quantized, PlannedLayer layer, string result, ICollection<string> results, QuantizedGraphBuilder builder)
        {
            var nodes = new HashSet<string>(StringComparer.Ordinal);
            var feeds = ImmutableArray.CreateBuilder<string>();
            var open = new Stack<string>([layer.Layer.Tail.Name, result]);
            while (open.TryPop(out string? name))
            {
                if (!nodes.Add(name))
                    continue;
                Node node = quantized.Find(name)!;
                if (name != result && (results.Contains(name) || node.Op.StartsWith("Placeholder", StringComparison.Ordinal)))
                {
                    feeds.Add(name);
                    continue;
                }
                foreach (NodeInput input in node.Inputs)
                    open.Push(input.Node);
            }
            return new(layer, result, builder.BiasOf(layer), quantized.Where(node => nodes.Contains(node.Name)), feeds.ToImmutable());
        }
    }

    /// <summary>A run in which every layer's result is an output.</summary>
    private sealed class MeasuringContext : TransformContext
    {
        private readonly TransformContext run;

        public MeasuringContext(TransformContext run, QuantizationPlan plan)
        {
            this.run = run;
            InputNames = run.InputNames;
            OutputNames = [.. run.OutputNames, .. plan.Layers.Select(layer => layer.Layer.Tail.Name)];
            Cancellation = run.Cancellation;
        }

        public override IBackend? Backend => run.Backend;
    }
}
