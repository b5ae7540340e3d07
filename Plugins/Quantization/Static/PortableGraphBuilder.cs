using TransformFramework.Graphs;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Static;

/// <summary>
/// Writes a plan in ops that every TensorFlow from 1.15 on has: float ops on rounded values.
/// <code>
/// c = Conv2D(x, w)                x' = QuantizeAndDequantizeV2(x, min, max) {signed_input, num_bits=8, range_given=true}
/// b = BiasAdd(c, bias)     →      c = Conv2D(x', Mul(Cast(w: int8), units))
///                                 b = BiasAdd(c, bias')
/// </code>
/// </summary>
internal sealed class PortableGraphBuilder
{
    private readonly Graph graph;
    private readonly QuantizationPlan plan;
    private readonly LayerQuantizer quantizer;
    private readonly TransformContext context;
    private readonly InPlaceEdit edit;
    private readonly Dictionary<string, string> rounded = new(StringComparer.Ordinal);
    private readonly HashSet<string> writers;

    public PortableGraphBuilder(Graph graph, QuantizationPlan plan, LayerQuantizer quantizer, TransformContext context)
    {
        this.graph = graph;
        this.plan = plan;
        this.quantizer = quantizer;
        this.context = context;
        edit = new(graph, context);
        writers = plan.Layers.Where(layer => layer.Output is not null).Select(layer => layer.Layer.Tail.Name).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>The quantized graph.</summary>
    public Graph Build()
    {
        foreach (PlannedTensor tensor in plan.Tensors)
            Round(tensor);
        foreach (PlannedLayer layer in plan.Layers)
            Write(layer);
        foreach (Node node in graph.Nodes)
            ReadRounded(node);
        return edit.Apply();
    }

    private void Round(PlannedTensor planned)
    {
        NodeInput tensor = planned.Tensor;
        Node producer = graph.Find(tensor.Node)!;
        string prefix = tensor.Port > 0 ? $"{tensor.Node}_{tensor.Port}" : tensor.Node;
        string min = InsertAfter(producer, Node.Constant(edit.FreeName($"{prefix}/min"), Tensor.Scalar(planned.Range.Min)));
        string max = InsertAfter(producer, Node.Constant(edit.FreeName($"{prefix}/max"), Tensor.Scalar(planned.Range.End)));
        rounded[tensor.Canonical] = InsertAfter(
            producer,
            new Node(edit.FreeName($"{prefix}/rounded"), "QuantizeAndDequantizeV2", tensor, min, max).With("T", DataType.Float).With("signed_input", planned.Range.IsSigned).With("num_bits", 8).With("range_given", true));
        context.Count("tensors quantized");
    }

    private void Write(PlannedLayer planned)
    {
        FusedLayer layer = planned.Layer;
        QuantizedWeights weights = quantizer.Quantize(planned);
        Node op = layer.Op.Node;
        bool isTransposed = layer.IsMatMul && WeightedLayer.HasTransposedWeights(op);
        Tensor values = Tensor.FromContent(DataType.Int8, layer.IsMatMul ? TensorShape.Of(layer.Op.InputChannels, layer.Op.OutputChannels) : layer.Op.Weights.Shape, weights.Filter.Values.Bytes);
        float[] steps = [.. weights.Filter.Ends.Select(end => end / QuantizedFilter.Levels)];
        TensorShape shape = steps.Length == 1 ? TensorShape.Scalar : layer.IsDepthwise ? TensorShape.Of(values.Shape[2], values.Shape[3]) : TensorShape.Of(steps.Length);
        string integers = InsertBefore(op, Node.Constant(edit.FreeName(op.Name + "/filter"), values));
        string units = InsertBefore(op, Node.Constant(edit.FreeName(op.Name + "/units"), Tensor.Create<float>(DataType.Float, shape, steps)));
        string floats = InsertBefore(op, new Node(edit.FreeName(op.Name + "/float"), "Cast", integers).With("SrcT", DataType.Int8).With("DstT", DataType.Float));
        edit.Redirect(op, WeightedLayer.WeightsInput, InsertBefore(op, new Node(edit.FreeName(op.Name + "/weights"), "Mul", floats, units).With("T", DataType.Float)));
        if (isTransposed)
            edit.Change(op, node => node.With("transpose_b", false));
        WriteBias(planned, weights);
        context.Count("weighted ops quantized");
    }

    /// <summary>Puts the whole bias in the place of the first that the layer had, and takes the others out.</summary>
    private void WriteBias(PlannedLayer planned, QuantizedWeights weights)
    {
        FusedLayer layer = planned.Layer;
        int[] units = weights.Filter.BiasUnits(weights.Bias.AsSpan(), planned.Input);
        float[] bias = [.. units.Select((unit, channel) => (float)(unit * weights.Filter.UnitOf(channel, planned.Input)))];
        Node[] biases = [.. layer.Members.Skip(1).TakeWhile(member => !FusedLayer.IsActivation(member) && member.Inputs[0].Node != layer.Residual?.Node && member.Inputs[1].Node != layer.Residual?.Node)];
        Node op = layer.Op.Node;
        if (biases.Length == 0 && bias.All(value => value == 0))
            return;
        string constant = InsertBefore(op, Node.Constant(edit.FreeName(op.Name + "/bias"), Tensor.Create<float>(DataType.Float, TensorShape.Of(bias.Length), bias)));
        if (biases.Length == 0)
        {
            string name = edit.FreeName(op.Name + "/products");
            edit.Change(op, node => node with { Name = name });
            edit.InsertAfter(op, new Node(op.Name, "BiasAdd", name, constant).With("T", DataType.Float));
            return;
        }
        edit.Change(biases[^1], node => new Node(node.Name, "BiasAdd", [op.Name, constant, .. biases.SelectMany(other => other.ControlInputs)]).With("T", DataType.Float) with { Device = node.Device });
        foreach (Node other in biases[..^1])
            edit.Remove(other);
    }

    /// <summary>Lets what reads a quantized tensor read its rounded values. Outputs and what stays float read it as it is, but for a layer's result, which has 8 bits only.</summary>
    private void ReadRounded(Node node)
    {
        for (int i = 0; i < node.Inputs.Length; i++)
        {
            if (!rounded.TryGetValue(node.Inputs[i].IsControl ? "" : node.Inputs[i].Canonical, out string? name))
                continue;
            if (writers.Contains(node.Inputs[i].Node) || plan.Nodes.GetValueOrDefault(node.Name) is NodePlan.Between or NodePlan.Fused)
                edit.Redirect(node, i, name);
        }
    }

    private string InsertBefore(Node place, Node node)
    {
        edit.InsertBefore(place, node);
        return node.Name;
    }

    private string InsertAfter(Node place, Node node)
    {
        edit.InsertAfter(place, node);
        return node.Name;
    }
}
