using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Quantization.Static;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization;

/// <summary>
/// Makes convolutions and matrix products compute with 8-bit codes, by ranges that calibration found.
/// <code>
/// c = Conv2D(x, w)                 x/quantized = QuantizeV2(x, quantize/0/min, quantize/0/max) {mode="SCALED"}
/// b = BiasAdd(c, bias)      →      y/quantized = QuantizedConv2DWithBiasAndReluAndRequantize(x/quantized, quantize/0/filter, quantize/0/bias, …)
/// y = Relu(b)                      y = Dequantize(y/quantized, quantize/1/min, quantize/1/max) {mode="SCALED"}      unless only weighted ops read y
/// </code>
/// Weights are qint8 with a symmetric range for each output channel; biases qint32; activations quint8 from 0 on where they are never negative, else qint8 about 0. Conv2D, DepthwiseConv2dNative and
/// MatMul take along biases, Relu, Relu6 and a sum with codes from 0 on. Sums, elementwise ops, pooling, concatenation, resizing and data movement between them read and write codes by
/// Dequantize and QuantizeV2 around them. A result that nobody multiplies any more keeps the 32 bits of its sums. Ranges that the graph states (FakeQuant) go before calibrated ones. NHWC only;
/// fold_norms should run before. The result runs in TensorFlow 2 on x86 too, and there 1 code may differ.
/// </summary>
[Transform("quantize", Summary = "Quantizes convolutions and products to static 8-bit integers, by calibrated ranges and for each channel.", NeedsBackend = true, IsLossy = true)]
public sealed class Quantize : Transform<Quantize.Options>
{
    public sealed record Options
    {
        [Option("ranges", "File of ranges, as the command calibrate writes it for the graph that this step gets.", DefaultText = "only ranges that the graph states")]
        public string Ranges { get; init; } = "";

        [Option("per_channel", "Gives each output channel of the weights its own range.")]
        public bool PerChannel { get; init; } = true;

        [Option("include", "Only the weighted nodes of this name (with * and ?), op:TYPE or re:EXPRESSION; may be repeated.")]
        public ImmutableArray<string> Include { get; init; } = [];

        [Option("exclude", "Not the weighted nodes of this name (with * and ?), op:TYPE or re:EXPRESSION; may be repeated.")]
        public ImmutableArray<string> Exclude { get; init; } = [];

        [Option("keep_float", "first, last: leaves the weighted ops next to the inputs or to the outputs in float; may be repeated.")]
        public ImmutableArray<string> KeepFloat { get; init; } = [];

        [Option("correct_bias", "Takes what rounded weights add to the mean of each channel off the biases, by the means in the file of ranges or those that correct_bias left.")]
        public bool CorrectBias { get; init; } = true;

        [Option("weights_only", "Stores weights in 8 bits and computes in float; needs no ranges.")]
        public bool WeightsOnly { get; init; }
    }

    protected override Graph Apply(Graph graph, Options options, TransformContext context)
    {
        (graph, var stated) = options.WeightsOnly ? (graph, []) : FakeQuantRanges.TakeOut(graph, context);
        var constants = new ConstantValues(graph, context);
        var weighted = ExecutionOrder.Sort(graph).Nodes.Where(node => WeightedLayer.IsOne(node) && !constants.IsConstant(node.Name)).ToList();
        var chosen = Choose(graph, weighted, options, context);
        if (options.WeightsOnly)
            return WeightOnlyQuantization.Quantize(graph, chosen, constants, options.PerChannel, context);
        var ranges = new ActivationRanges(graph, constants, stated, options.Ranges.Length > 0 ? CalibrationFile.Read(options.Ranges, context) : null);
        var groups = chosen.Select(node => Group(graph, node, constants, ranges, context)).OfType<FusedLayer>().ToList();
        if (groups.Count == 0)
        {
            context.Report(Diagnostic.Warning("TFX2050", "nothing was quantized") with { Suggestion = "--explain=quantize tells why, node by node." });
            return graph;
        }
        var region = new QuantizedRegion(graph, groups, constants, ranges);
        region.FuseSums(Shapes(graph, context), context);
        foreach (FusedLayer group in groups.Where(group => !region.IsCoded(group.Tail.Name)))
            group.DropActivation();
        ExplainRest(graph, region, groups, constants, context);
        return new QuantizedGraphBuilder(graph, ranges, region, groups, options, context).Emit();
    }

    private static List<Node> Choose(Graph graph, List<Node> weighted, Options options, TransformContext context)
    {
        var include = new NodeSelection("include", options.Include, weighted);
        var exclude = new NodeSelection("exclude", options.Exclude, weighted);
        var kept = new EndLayers(graph, weighted);
        foreach (string end in options.KeepFloat)
        {
            if (end is not ("first" or "last"))
                throw new TransformException($"keep_float=\"{end}\" is neither first nor last");
        }
        var chosen = new List<Node>();
        foreach (Node node in weighted)
        {
            string? reason = !include.IsEmpty && !include.Contains(node) ? "no include pattern matches it"
                : exclude.Contains(node) ? "an exclude pattern matches it"
                : options.KeepFloat.Contains("first") && kept.IsFirst(node) ? "keep_float=first"
                : options.KeepFloat.Contains("last") && kept.IsLast(node) ? "keep_float=last"
                : null;
            if (reason is null)
                chosen.Add(node);
            else
                context.Explain(node.Name, $"stays float: {reason}");
        }
        return chosen;
    }

    private static FusedLayer? Group(Graph graph, Node node, ConstantValues constants, ActivationRanges ranges, TransformContext context)
    {
        var group = FusedLayer.Of(graph, node, constants, context, out string? reason);
        if (group is not null && ranges.Find(group.Data) is not null)
            return group;
        reason = group is null ? reason : $"the range of its data '{group.Data}' is not known; calibrate the graph that this step gets";
        context.Explain(node.Name, $"stays float: {reason}");
        context.Report(Diagnostic.Warning("TFX2051", $"'{node.Name}' ({node.Op}) stays float: {reason}") with { Node = node.Name });
        return null;
    }

    /// <summary>Shapes for one sample.</summary>
    private static IReadOnlyDictionary<string, TensorShape[]> Shapes(Graph graph, TransformContext context)
    {
        try
        {
            return context.Backend!.InferShapes(graph.Select(OfOneSample), CompileOptions.Default);
        }
        catch (ExecutionException error)
        {
            throw new TransformException(error.Kind, error.Message, error.Node, error);
        }
    }

    private static Node OfOneSample(Node node) =>
        node.Op is "Placeholder" or "PlaceholderV2" && node.Attributes.TryGetValue("shape", out var value) && value is ShapeValue { Value: { Rank: > 0 } shape } && shape[0] < 0
            ? node.With("shape", TensorShape.Of([1, .. shape.Dimensions.Skip(1)]))
            : node;

    private static void ExplainRest(Graph graph, QuantizedRegion region, List<FusedLayer> groups, ConstantValues constants, TransformContext context)
    {
        if (!context.IsExplaining)
            return;
        var integer = groups.SelectMany(group => group.Members).Select(node => node.Name).Concat(region.Inner().Values.SelectMany(nodes => nodes)).ToHashSet(StringComparer.Ordinal);
        foreach (Node node in graph.Nodes.Where(node => !integer.Contains(node.Name) && !WeightedLayer.IsOne(node) && node.DataInputs.Any() && !constants.IsConstant(node.Name)))
            context.Explain(node.Name, QuantizableOps.HasOne(node) ? "stays float: no weighted op multiplies its result" : $"stays float: {node.Op} has no integer form");
    }
}
