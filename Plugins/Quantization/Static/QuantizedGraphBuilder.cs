using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Static;

/// <summary>A quantized tensor of the graph that is built, with the constants that hold its range.</summary>
internal readonly record struct QuantizedTensor(NodeInput Values, NodeInput Min, NodeInput Max, ActivationRange Range);

/// <summary>Writes a plan in TensorFlow's integer ops: layers as fused ops, QuantizeV2 and Dequantize where quantized and float tensors meet.</summary>
internal sealed class QuantizedGraphBuilder
{
    private readonly Graph graph;
    private readonly QuantizationPlan plan;
    private readonly TransformContext context;
    private readonly InPlaceEdit edit;
    private readonly QuantizedLayerBuilder layerBuilder;
    private readonly Dictionary<string, QuantizedTensor> tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> dequantized = new(StringComparer.Ordinal);
    private readonly HashSet<string> writers;

    public QuantizedGraphBuilder(Graph graph, QuantizationPlan plan, LayerQuantizer quantizer, TransformContext context)
    {
        this.graph = graph;
        this.plan = plan;
        this.context = context;
        edit = new(graph, context);
        writers = plan.Layers.Where(layer => layer.Output is not null).Select(layer => layer.Layer.Tail.Name).ToHashSet(StringComparer.Ordinal);
        layerBuilder = new(edit, plan, quantizer, tensors);
    }

    /// <summary>The quantized graph.</summary>
    public Graph Build()
    {
        foreach (PlannedTensor tensor in plan.Tensors)
            Announce(tensor);
        foreach (PlannedLayer layer in plan.Layers)
            Replace(layer);
        foreach (PlannedTensor tensor in plan.Tensors.Where(tensor => !writers.Contains(tensor.Tensor.Node)))
            Quantize(tensor.Tensor);
        foreach (Node node in graph.Nodes.Where(node => plan.Nodes.GetValueOrDefault(node.Name) is NodePlan.Between))
            ReadDequantized(node);
        return edit.Apply();
    }

    /// <summary>The tensor of a layer's result that other layers read: quantized values, or real ones.</summary>
    public string ResultOf(PlannedLayer layer) => layer.Output is null ? layer.Layer.Tail.Name : tensors[new NodeInput(layer.Layer.Tail.Name).Canonical].Values.Node;

    /// <summary>What a layer's op reads, once the graph is built.</summary>
    public LayerOperands OperandsOf(PlannedLayer layer) => layerBuilder.OperandsOf(layer);

    /// <summary>Names the values and the range of a tensor, before the op that computes it is written.</summary>
    private void Announce(PlannedTensor planned)
    {
        NodeInput tensor = planned.Tensor;
        string values = edit.FreeName(QuantizedTensorNames.Of(NameOf(tensor)));
        if (planned.SharesRangeOf is { } source && tensors.TryGetValue(source.Canonical, out var same))
        {
            tensors[tensor.Canonical] = same with { Values = values };
            return;
        }
        Node place = graph.Find(tensor.Node)!;
        string min = Insert(place, Node.Constant(edit.FreeName($"quantize/{tensors.Count}/min"), Tensor.Scalar(planned.Range.Min)));
        string max = Insert(place, Node.Constant(edit.FreeName($"quantize/{tensors.Count}/max"), Tensor.Scalar(planned.Range.End)));
        tensors[tensor.Canonical] = new(values, min, max, planned.Range);
    }

    private string Insert(Node place, Node node)
    {
        edit.InsertBefore(place, node);
        return node.Name;
    }

    private void Quantize(NodeInput tensor)
    {
        edit.InsertAfter(graph.Find(tensor.Node)!, Conversions.Quantize(tensors[tensor.Canonical].Values.Node, tensor, tensors[tensor.Canonical]));
        context.Count("tensors quantized");
    }

    /// <summary>Lets a node between quantized tensors read what they stand for.</summary>
    private void ReadDequantized(Node node)
    {
        for (int i = 0; i < node.Inputs.Length; i++)
        {
            if (plan.IsQuantized(node.Inputs[i]) && !writers.Contains(node.Inputs[i].Node))
                edit.Redirect(node, i, Dequantized(node.Inputs[i]));
        }
    }

    private string Dequantized(NodeInput tensor)
    {
        if (dequantized.TryGetValue(tensor.Canonical, out string? name))
            return name;
        QuantizedTensor quantized = tensors[tensor.Canonical];
        name = edit.FreeName(NameOf(tensor) + "/dequantized");
        edit.InsertAfter(graph.Find(tensor.Node)!, Conversions.Dequantize(name, quantized));
        return dequantized[tensor.Canonical] = name;
    }

    private static string NameOf(NodeInput tensor) => tensor.Port > 0 ? $"{tensor.Node}_{tensor.Port}" : tensor.Node;

    private void Replace(PlannedLayer layer)
    {
        Node tail = layer.Layer.Tail;
        foreach (Node member in layer.Layer.Members[..^1])
            edit.Remove(member);
        layerBuilder.Write(layer);
        bool isQuantized = layer.Output is not null;
        if (isQuantized && !context.IsListed(tail.Name) && graph.ConsumersOf(tail).All(ReadsQuantized))
            edit.Remove(tail);
        else if (isQuantized)
            edit.Change(tail, _ => Conversions.Dequantize(tail.Name, tensors[new NodeInput(tail.Name).Canonical]) with { Device = tail.Device });
        context.Count("weighted ops quantized");
    }

    /// <summary>True when the consumer's place is a layer's data or residual.</summary>
    private bool ReadsQuantized(Consumer consumer) =>
        plan.Nodes.GetValueOrDefault(consumer.Node.Name) is NodePlan.Fused { Into: var layer } && !consumer.Node.Inputs[consumer.Input].IsControl
        && ((layer.Shift is null && ReferenceEquals(layer.Layer.Op.Node, consumer.Node) && consumer.Input == layer.Layer.Op.DataInput) || layer.Layer.Residual?.Canonical == consumer.Node.Inputs[consumer.Input].Canonical);
}

/// <summary>The nodes between float and quantized tensors.</summary>
internal static class Conversions
{
    private const float SmallestDefaultRange = 0.01f;

    public static Node Quantize(string name, NodeInput data, QuantizedTensor tensor)
    {
        Node node = new Node(name, "QuantizeV2", data, tensor.Min, tensor.Max).With("T", tensor.Range.Type).With("mode", "SCALED").With("round_mode", "HALF_TO_EVEN");
        if (tensor.Range.IsSigned)
            node = node.With("narrow_range", true);
        return tensor.Range.End < SmallestDefaultRange ? node.With("ensure_minimum_range", 0f) : node;
    }

    public static Node Dequantize(string name, QuantizedTensor tensor) => new Node(name, "Dequantize", tensor.Values, tensor.Min, tensor.Max).With("T", tensor.Range.Type).With("mode", "SCALED");
}
