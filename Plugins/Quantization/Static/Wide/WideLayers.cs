using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Quantization.Static.Samples;
using TransformFramework.Toolkit.Patterns;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Static.Wide;

/// <summary>
/// Lets layers read activations of 16 bits, signed about 0, and weights of 8. TensorFlow has no integer op for them, so float ops compute on the rounded values; ONNX and TensorFlow Lite hold them as they are.
/// <code>
/// c = Conv2D(x, w)      →      x/wide = QuantizeV2(x, -end, end) {T=qint16, mode="SCALED"}
///                              c = Conv2D(Dequantize(x/wide, -end, end), Dequantize(filter: qint8, ranges of channels))
/// </code>
/// </summary>
internal sealed class WideLayers
{
    private const float SmallestDefaultRange = 0.01f;

    /// <summary>One of the 16 bits is for values that no sample shows.</summary>
    private const float Headroom = 2;

    private readonly Graph graph;
    private readonly ConstantValues constants;
    private readonly ActivationRanges ranges;
    private readonly TransformContext context;

    /// <param name="graph">The float graph.</param>
    /// <param name="constants">Its constants.</param>
    /// <param name="ranges">Ranges of its tensors.</param>
    /// <param name="context">The run.</param>
    public WideLayers(Graph graph, ConstantValues constants, ActivationRanges ranges, TransformContext context)
    {
        this.graph = graph;
        this.constants = constants;
        this.ranges = ranges;
        this.context = context;
    }

    /// <summary>The layers of nodes; those that cannot be quantized are reported and left out.</summary>
    /// <param name="nodes">Convolutions and products.</param>
    /// <param name="needsResults">Whether the ranges of their results must be known too.</param>
    public ImmutableArray<FusedLayer> Of(IEnumerable<Node> nodes, bool needsResults) => [.. nodes.Select(node => Of(node, needsResults)).OfType<FusedLayer>()];

    /// <summary>The graph with the layers' weights in 8 bits and what they read in 16.</summary>
    /// <param name="layers">The layers.</param>
    /// <param name="rounding">Rounds weights for the data that samples show; null rounds to nearest.</param>
    /// <param name="options">The arguments of the transform.</param>
    /// <param name="roundsResults">Whether results have 16 bits too, also those that no layer reads.</param>
    public Graph Quantize(ImmutableArray<FusedLayer> layers, WeightOnlyRounding? rounding, Quantize.Options options, bool roundsResults)
    {
        if (layers.IsEmpty)
            return graph;
        var selection = new LayerSelection([.. layers.Select(layer => layer.Op.Node)], []);
        var roundable = WeightOnlyQuantization.Roundable(graph, selection.Chosen, constants, fewest: 0, context);
        var filters = rounding?.Run(roundable) ?? roundable.ToDictionary(layer => layer.Op.Node.Name, layer => Nearest(layer, options.PerChannel), StringComparer.Ordinal);
        Graph rounded = WeightOnlyQuantization.Quantize(graph, selection, constants, options.PerChannel, filters, options.CorrectBias, fewest: 0, context);
        var edit = new InPlaceEdit(rounded, context);
        HashSet<string> results = roundsResults ? layers.Select(layer => layer.Tail.Name).ToHashSet(StringComparer.Ordinal) : [];
        var written = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (FusedLayer layer in layers.Where(layer => !results.Contains(layer.Data.Node)))
        {
            string key = layer.Data.Canonical;
            if (!written.TryGetValue(key, out string? wide))
                written[key] = wide = RoundData(edit, rounded.Find(layer.Op.Node.Name)!, layer.Data);
            edit.Redirect(rounded.Find(layer.Op.Node.Name)!, layer.Op.DataInput, wide);
        }
        foreach (string result in results)
            RoundResult(edit, rounded.Find(result)!);
        context.Count("layers of 16 bits", layers.Length);
        return edit.Apply();
    }

    private FusedLayer? Of(Node node, bool needsResults)
    {
        var layer = FusedLayer.Of(graph, node, constants, context, out Decline? decline);
        if (layer is not null && EndOf(layer.Data) is null)
            decline = new($"the range of its data '{layer.Data}' is not known; calibrate the graph that this step gets", node);
        else if (layer is not null && needsResults && EndOf(layer.Tail.Name) is null)
            decline = new($"the range of its result '{layer.Tail.Name}' is not known; calibrate the graph that this step gets", node);
        if (decline is null)
            return layer;
        context.Report(QuantizationDiagnostics.StaysFloat.At(node, node.Op, decline.Reason));
        return null;
    }

    /// <summary>Twice the largest magnitude that samples show, not cut off as for 8 bits, or what the graph itself tells.</summary>
    private float? EndOf(NodeInput tensor) =>
        ranges.Statistics(tensor) is { Min: var min, Max: var max } && float.IsFinite(min) && float.IsFinite(max) ? Math.Min(ActivationRange.Of(min, max).End * Headroom, float.MaxValue) : ranges.Find(tensor)?.End;

    /// <summary>The layer rounded to nearest, with what that adds to means by those of the file of ranges.</summary>
    private RoundedLayer Nearest(FusedLayer layer, bool perChannel)
    {
        var filter = QuantizedFilter.Of(LayerQuantizer.Filter(layer), new float[layer.Bias.Length], new(IsSigned: true, 1), perChannel, Saturation.Allow, layer.IsDepthwise);
        var corrected = BiasCorrection.Apply(layer, filter, ranges.Statistics(layer.Data)?.ChannelMeans);
        return new(filter, [.. layer.Bias.Zip(corrected, (bias, value) => bias - value)]);
    }

    private string RoundData(InPlaceEdit edit, Node reader, NodeInput tensor)
    {
        string name = tensor.Port > 0 ? $"{tensor.Node}_{tensor.Port}" : tensor.Node;
        Node[] made = Pair(edit, edit.FreeName(name + "/rounded"), name, tensor, EndOf(tensor)!.Value);
        foreach (Node node in made)
            edit.InsertBefore(reader, node);
        return made[^1].Name;
    }

    private void RoundResult(InPlaceEdit edit, Node tail)
    {
        string real = edit.FreeName(tail.Name + "/real");
        edit.Change(tail, node => node with { Name = real });
        foreach (Node node in Pair(edit, tail.Name, tail.Name, real, EndOf(tail.Name)!.Value))
            edit.InsertAfter(tail, node);
    }

    private static Node[] Pair(InPlaceEdit edit, string result, string prefix, NodeInput data, float end)
    {
        Node min = Node.Constant(edit.FreeName(prefix + "/wide_min"), Tensor.Scalar(-end));
        Node max = Node.Constant(edit.FreeName(prefix + "/wide_max"), Tensor.Scalar(end));
        Node quantized = new Node(edit.FreeName(prefix + "/wide"), "QuantizeV2", data, min.Name, max.Name)
            .With("T", DataType.QInt16).With("mode", "SCALED").With("round_mode", "HALF_TO_EVEN").With("narrow_range", true);
        if (end < SmallestDefaultRange)
            quantized = quantized.With("ensure_minimum_range", 0f);
        Node real = new Node(result, "Dequantize", quantized.Name, min.Name, max.Name).With("T", DataType.QInt16).With("mode", "SCALED");
        return [min, max, quantized, real];
    }
}
