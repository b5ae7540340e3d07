using System.Collections.Immutable;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Quantization.Static.Moments;
using TransformFramework.Quantization.Static.Rounding;
using TransformFramework.Toolkit.Sampling;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Static.Samples;

/// <summary>
/// Rounds weights and corrects biases front to back by running the quantized graph layer by layer: each layer reads what the corrected layers before it computed. Weights are rounded for the data that they
/// see; then the mean of each channel after the activation becomes that of the float graph (a Newton step divides the difference by the share of values that the activation lets move).
/// </summary>
internal sealed class SampleCorrection
{
    private const int Steps = 3;

    /// <summary>Channels that the activation nearly always cuts are left alone.</summary>
    private const float SmallestShare = 0.02f;

    private readonly QuantizationPlan plan;
    private readonly TransformContext context;
    private readonly bool feedsErrorsBack;
    private readonly int sweeps;
    private readonly Dictionary<string, Tensor>[] computed;

    /// <param name="plan">What is quantized.</param>
    /// <param name="samples">What the samples feed.</param>
    /// <param name="feedsErrorsBack">Whether weights are rounded for the data that they see.</param>
    /// <param name="sweeps">How often all weights so rounded are looked at again.</param>
    /// <param name="context">The run.</param>
    public SampleCorrection(QuantizationPlan plan, ImmutableArray<Dictionary<string, Tensor>> samples, bool feedsErrorsBack, int sweeps, TransformContext context)
    {
        this.plan = plan;
        this.feedsErrorsBack = feedsErrorsBack;
        this.sweeps = sweeps;
        this.context = context;
        computed = [.. samples.Select(sample => new Dictionary<string, Tensor>(sample, StringComparer.Ordinal))];
    }

    /// <summary>The quantizer with weights and biases for the samples.</summary>
    /// <param name="reference">The float graph.</param>
    /// <param name="graph">The graph that the plan is of: the float one, or with layers that read 16 bits.</param>
    /// <param name="quantizer">Rounds to nearest.</param>
    public LayerQuantizer Run(Graph reference, Graph graph, LayerQuantizer quantizer)
    {
        var wanted = quantizer.CorrectsBias ? FloatMeans(reference) : [];
        var builder = new QuantizedGraphBuilder(graph, plan, quantizer, new MeasuringContext(context, plan));
        var parts = LayerPart.Split(builder.Build(), plan, builder);
        var lastUse = parts.SelectMany((part, i) => part.Feeds.Select(feed => (feed, i))).GroupBy(use => use.feed, StringComparer.Ordinal).ToDictionary(uses => uses.Key, uses => uses.Max(use => use.i), StringComparer.Ordinal);
        for (int i = 0; i < parts.Length; i++)
        {
            if (feedsErrorsBack)
                quantizer = Round(parts[i], quantizer);
            quantizer = Correct(parts[i], wanted.GetValueOrDefault(parts[i].Tail), quantizer);
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
        var means = layers.ToDictionary(layer => layer.Tail.Name, layer => new ChannelMeans(layer.Bias.Length, float.NegativeInfinity, float.PositiveInfinity), StringComparer.Ordinal);
        string[] tails = [.. means.Keys];
        IExecutable executable = Compile(graph, tails, [.. computed[0].Keys]);
        foreach (var sums in SampleRuns.InOrder(computed, sample => Sums(executable.Run(sample, context.Cancellation)), context.Cancellation))
        {
            for (int i = 0; i < tails.Length; i++)
                means[tails[i]].Add(sums[i]);
        }
        return means;

        ChannelMeans[] Sums(ImmutableArray<Tensor> values) => [.. values.Select((value, i) => ChannelMeans.Of(value, layers[i].Bias.Length, float.NegativeInfinity, float.PositiveInfinity))];
    }

    /// <summary>Rounds a layer's weights for the data that they see.</summary>
    private LayerQuantizer Round(LayerPart part, LayerQuantizer quantizer)
    {
        PlannedLayer planned = part.Planned;
        FusedLayer layer = planned.Layer;
        var moments = InputMoments.Of(planned, context.Cancellation);
        if (moments.Size > ErrorFeedback.MostInputs)
        {
            context.Explain(layer.Op.Node.Name, $"its weights are rounded to nearest: it has {moments.Size} inputs, more than {ErrorFeedback.MostInputs}");
            return quantizer;
        }
        string data = part.Data.Text;
        IExecutable? executable = part.Feeds.Contains(data) ? null : Compile(part.Graph, [data], part.Feeds);
        foreach (Tensor values in SampleRuns.InOrder(computed, sample => executable?.Run(part.FeedsOf(sample), context.Cancellation)[0] ?? sample[data], context.Cancellation))
            moments.Add(values);
        if (!moments.FitData)
        {
            context.Explain(layer.Op.Node.Name, "its weights are rounded to nearest: it is a grouped convolution");
            return quantizer;
        }
        QuantizedFilter filter = quantizer.Quantize(planned).Filter;
        int groups = layer.IsDepthwise ? layer.Op.InputChannels : 1;
        return quantizer.WithFilter(layer, ErrorFeedback.Round(filter, moments, quantizer.AllowedFor(planned), quantizer.CorrectsBias, planned.Shift?.ZeroPoint ?? 0, groups, sweeps, context.Cancellation));
    }

    private LayerQuantizer Correct(LayerPart part, ChannelMeans? wanted, LayerQuantizer quantizer)
    {
        FusedLayer layer = part.Planned.Layer;
        float low = layer.HasRelu ? 0 : float.NegativeInfinity;
        float high = part.Planned.Output is { } output && layer.HasRelu ? output.End * 0.999f : float.PositiveInfinity;
        for (int step = wanted is null ? Steps : 0; ; step++)
        {
            IExecutable executable = Compile(part.With(quantizer), [part.Tail, part.Result], part.Feeds);
            var found = new ChannelMeans(layer.Bias.Length, low, high);
            foreach (ChannelMeans sums in SampleRuns.InOrder(computed, Measure, context.Cancellation))
                found.Add(sums);
            if (step == Steps)
                return quantizer;
            float[] shares = found.Shares;
            quantizer = quantizer.WithOffset(layer, [.. quantizer.OffsetOf(layer).Select((offset, c) => shares[c] < SmallestShare ? offset : offset + (wanted!.Less(found, c) / shares[c]))]);

            ChannelMeans Measure(Dictionary<string, Tensor> values)
            {
                var results = executable.Run(part.FeedsOf(values), context.Cancellation);
                values[part.Result] = results[1];
                return ChannelMeans.Of(results[0], layer.Bias.Length, low, high);
            }
        }
    }

    /// <summary>Samples run beside each other, so each run has one thread.</summary>
    private IExecutable Compile(Graph graph, IReadOnlyList<string> outputs, ImmutableArray<string> feeds) => context.Backend!.Compile(graph, outputs, new CompileOptions { Feeds = feeds, Threads = 1 });

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
