using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Graphs;

namespace TransformFramework.Quantization.Static.Samples;

/// <summary>What computes a layer's result from the results of layers before it and the inputs.</summary>
/// <param name="Planned">The layer.</param>
/// <param name="Result">The tensor that later layers read: its quantized values, or its real ones.</param>
/// <param name="Operands">What its op reads.</param>
/// <param name="Graph">The nodes.</param>
/// <param name="Feeds">What they read from outside.</param>
internal sealed record LayerPart(PlannedLayer Planned, string Result, LayerOperands Operands, Graph Graph, ImmutableArray<string> Feeds)
{
    /// <summary>The layer's real result.</summary>
    public string Tail => Planned.Layer.Tail.Name;

    /// <summary>The quantized data that the layer's op reads.</summary>
    public NodeInput Data => Operands.Data;

    /// <summary>The parts of a quantized graph in which every layer's result is an output, in execution order.</summary>
    public static ImmutableArray<LayerPart> Split(Graph quantized, QuantizationPlan plan, QuantizedGraphBuilder builder)
    {
        var order = ExecutionOrder.Sort(quantized).Nodes.Select((node, i) => (node.Name, i)).ToDictionary(entry => entry.Name, entry => entry.i, StringComparer.Ordinal);
        var results = plan.Layers.ToDictionary(layer => builder.ResultOf(layer), StringComparer.Ordinal);
        return [.. results.OrderBy(entry => order[entry.Key]).Select(entry => Of(quantized, entry.Value, entry.Key, results.Keys, builder))];
    }

    /// <summary>The nodes with the weights and the bias of a quantizer.</summary>
    public Graph With(LayerQuantizer quantizer)
    {
        QuantizedWeights weights = quantizer.Quantize(Planned);
        return Graph.Select(node => Operands.Constants.TryGetValue(node.Name, out LayerConstant what) ? Node.Constant(node.Name, QuantizedLayerBuilder.ConstantOf(Planned, weights, what, quantizer.PerChannel)) : node);
    }

    /// <summary>What the nodes read of a sample's tensors.</summary>
    public Dictionary<string, Tensor> FeedsOf(Dictionary<string, Tensor> values) => Feeds.ToDictionary(feed => feed, feed => values[feed], StringComparer.Ordinal);

    private static LayerPart Of(Graph quantized, PlannedLayer layer, string result, ICollection<string> results, QuantizedGraphBuilder builder)
    {
        List<Node> needed = quantized.Upstream([NodeInput.Data(layer.Layer.Tail.Name), NodeInput.Data(result)], endsAt: IsFed);
        HashSet<string> names = needed.Select(node => node.Name).ToHashSet(StringComparer.Ordinal);
        return new(layer, result, builder.OperandsOf(layer), quantized.Where(node => names.Contains(node.Name)), [.. needed.Where(IsFed).Select(node => node.Name)]);

        bool IsFed(Node node) => node.Name != result && (results.Contains(node.Name) || node.Op.StartsWith("Placeholder", StringComparison.Ordinal));
    }
}
