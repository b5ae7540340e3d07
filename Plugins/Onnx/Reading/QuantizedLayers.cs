using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;

namespace TransformFramework.Onnx.Reading;

/// <summary>
/// Makes the fused quantized ops of a static 8-bit graph of layers between conversions.
/// <code>
/// QuantizeV2(Relu(BiasAdd(Conv2D(Dequantize(x), w), b)))   →   QuantizedConv2DWithBiasAndReluAndRequantize(x, w as qint8, b as qint32, ranges)
/// </code>
/// Only where zero is the quantized value 0 of data, weights and result, nothing else reads what is between, and an op for the types exists; the rest stays as it is. A sum of a residual block
/// and products of matrices are taken in.
/// </summary>
internal sealed class QuantizedLayers
{
    private const float UnsignedLevels = 255;
    private const float SignedLevels = 127;
    private const float Six = 6.00001f;
    private const double LargestBias = 1 << 30;

    private readonly Graph graph;
    private readonly IReadOnlyDictionary<string, QuantizedConstant> stored;
    private readonly HashSet<string> outputs;
    private readonly HashSet<string> names;
    private readonly GraphEdit edit = new();

    private QuantizedLayers(Graph graph, IReadOnlyDictionary<string, QuantizedConstant> stored, IEnumerable<string> outputs)
    {
        this.graph = graph;
        this.stored = stored;
        this.outputs = [.. outputs.Select(output => new NodeInput(output).Node)];
        names = [.. graph.Nodes.Select(node => node.Name)];
    }

    /// <param name="graph">The graph that was read.</param>
    /// <param name="stored">Its constants that are stored quantized.</param>
    /// <param name="outputs">Its outputs.</param>
    public static Graph Fuse(Graph graph, IReadOnlyDictionary<string, QuantizedConstant> stored, IReadOnlyList<string> outputs)
    {
        if (stored.Count == 0)
            return graph;
        var layers = new QuantizedLayers(graph, stored, outputs);
        foreach (Node node in graph.Nodes.Where(node => node.Op == "QuantizeV2"))
            layers.TryFuse(node);
        return layers.edit.IsEmpty ? graph : WithoutUnread(graph.Apply(layers.edit), layers.outputs);
    }

    private void TryFuse(Node quantize)
    {
        if (EndOf(quantize) is not { } result || quantize.TypeAttribute("T") is not (DataType.QUInt8 or DataType.QInt8))
            return;
        DataType resultType = quantize.TypeAttribute("T")!.Value;
        Node? end = Alone(quantize.Inputs[0]);
        bool hasRelu = end is { Op: "Relu" } || (end is { Op: "Relu6" } && result <= Six);
        if (hasRelu)
            end = Alone(end!.Inputs[0]);
        Node? added = null;
        if (end is { Op: "AddV2" })
        {
            int side = Array.FindIndex([.. end.Inputs], input => graph.Find(input.Node) is { Op: "Dequantize" });
            if (side < 0)
                return;
            added = graph.Find(end.Inputs[side].Node);
            end = Alone(end.Inputs[1 - side]);
        }
        if (end is not { Op: "BiasAdd" } || graph.Find(end.Inputs[1].Node)?.TensorAttribute("value") is not { Type: DataType.Float } bias || Alone(end.Inputs[0]) is not { } product)
            return;
        if (product.Op is "Conv2D" or "DepthwiseConv2dNative")
            FuseConvolution(quantize, result, resultType, hasRelu, added, bias, product);
        else if (product.Op == "MatMul" && added is null)
            FuseMatMul(quantize, result, resultType, hasRelu, bias, product);
    }

    private void FuseConvolution(Node quantize, float result, DataType resultType, bool hasRelu, Node? added, Tensor bias, Node conv)
    {
        bool isDepthwise = conv.Op == "DepthwiseConv2dNative";
        bool isPadded = conv.Attributes.TryGetValue("padding", out var padding) && padding is BytesValue { Text: "SAME" or "VALID" };
        if (!isPadded || Source(conv.Inputs[0]) is not { } data || WeightsOf(conv, isDepthwise ? 2 : 3) is not { } weights)
            return;
        bool isUnsigned = data.Type == DataType.QUInt8;
        if (OpOf(isDepthwise, isUnsigned, resultType == DataType.QUInt8, hasRelu, added is not null) is not { } op || BiasOf(bias, data, weights) is not { } sums)
            return;
        var attributes = new List<(string Name, AttributeValue Value)>
        {
            ("Tinput", data.Type), ("Tfilter", DataType.QInt8), ("Tbias", DataType.QInt32), ("out_type", resultType), ("strides", conv.Attributes["strides"]), ("padding", padding!),
        };
        if (conv.Attributes.TryGetValue("dilations", out var dilations))
            attributes.Add(("dilations", dilations));
        List<NodeInput> inputs = Inputs(quantize.Name, data, weights, sums, result, resultType);
        if (added is not null)
        {
            if (Source(NodeInput.Data(added.Name)) is not { Type: DataType.QUInt8 } other)
                return;
            inputs.AddRange([other.Tensor, .. Range(quantize.Name, other.Limit, other.Type)]);
            attributes.Add(("Tsummand", other.Type));
        }
        edit.Replace(quantize, new Node(quantize.Name, op, [.. inputs], AttributeMap.Of(attributes)));
    }

    private void FuseMatMul(Node quantize, float result, DataType resultType, bool hasRelu, Tensor bias, Node product)
    {
        bool isPlain = !product.Bool("transpose_a", otherwise: false);
        bool isTransposed = product.Bool("transpose_b", otherwise: false);
        if (!isPlain || Source(product.Inputs[0]) is not { } data || WeightsOf(product, isTransposed ? 0 : 1) is not { } weights)
            return;
        if (OpOf(isDepthwise: false, data.Type == DataType.QUInt8, resultType == DataType.QUInt8, hasRelu, hasSum: false) is not { } op || BiasOf(bias, data, weights) is not { } sums)
            return;
        Tensor matrix = isTransposed ? Tensors.Transpose(weights.Values, 1, 0) : weights.Values;
        weights = weights with { Values = Tensors.Reshape(matrix, 1, 1, matrix.Shape[0], matrix.Shape[1]) };
        NodeInput image = Shaped($"{quantize.Name}/image", data.Tensor, data.Type, -1, 1, 1, matrix.Shape[0]);
        AttributeMap attributes = AttributeMap.Of(("Tinput", data.Type), ("Tfilter", DataType.QInt8), ("Tbias", DataType.QInt32), ("out_type", resultType), ("strides", AttributeValue.Ints(1, 1, 1, 1)), ("padding", "VALID"));
        string fused = Free($"{quantize.Name}/product");
        edit.Add(new Node(fused, op, [.. Inputs(quantize.Name, data with { Tensor = image }, weights, sums, result, resultType)], attributes));
        NodeInput shape = Constant($"{quantize.Name}/shape", Tensors.Integers([-1, matrix.Shape[1]], DataType.Int32));
        edit.Replace(quantize, new Node(quantize.Name, "Reshape", [fused, shape], AttributeMap.Of(("T", resultType), ("Tshape", DataType.Int32))));
    }

    private NodeInput Shaped(string wish, NodeInput tensor, DataType type, params ReadOnlySpan<long> shape)
    {
        string name = Free(wish);
        edit.Add(new Node(name, "Reshape", [tensor, Constant($"{wish}/shape", Tensors.Integers(shape, DataType.Int32))], AttributeMap.Of(("T", type), ("Tshape", DataType.Int32))));
        return name;
    }

    private static string? OpOf(bool isDepthwise, bool isUnsigned, bool givesUnsigned, bool hasRelu, bool hasSum)
    {
        if (isDepthwise)
            return isUnsigned && givesUnsigned && !hasSum ? "QuantizedDepthwiseConv2DWithBiasAndReluAndRequantize" : null;
        if (hasSum)
            return isUnsigned && givesUnsigned ? "QuantizedConv2DWithBiasSumAndReluAndRequantize" : null;
        return givesUnsigned ? "QuantizedConv2DWithBiasAndReluAndRequantize" : hasRelu ? null : "QuantizedConv2DWithBiasAndRequantize";
    }

    private List<NodeInput> Inputs(string name, Quantity data, QuantizedConstant weights, Tensor bias, float result, DataType resultType)
    {
        float[] ends = Array.ConvertAll(weights.Scales, scale => scale * SignedLevels);
        TensorShape shape = ends.Length == 1 ? TensorShape.Scalar : TensorShape.Of(ends.Length);
        NodeInput filter = Constant($"{name}/filter", Tensor.FromContent(DataType.QInt8, weights.Values.Shape, weights.Values.Bytes));
        NodeInput low = Constant($"{name}/filter_min", Tensor.Create<float>(DataType.Float, shape, Array.ConvertAll(ends, end => -end)));
        NodeInput high = Constant($"{name}/filter_max", Tensor.Create<float>(DataType.Float, shape, ends));
        return [data.Tensor, filter, Constant($"{name}/bias", bias), .. Range(name, data.Limit, data.Type), low, high, .. Range(name, result, resultType)];
    }

    private NodeInput[] Range(string name, float limit, DataType type) =>
        [Constant($"{name}/min", Tensor.Scalar(type == DataType.QUInt8 ? 0 : -limit)), Constant($"{name}/max", Tensor.Scalar(limit))];

    /// <summary>The bias in units of the sums, or null when it does not fit.</summary>
    private static Tensor? BiasOf(Tensor bias, Quantity data, QuantizedConstant weights)
    {
        float[] values = bias.AsSpan<float>().ToArray();
        int[] sums = new int[values.Length];
        for (int i = 0; i < sums.Length; i++)
        {
            double unit = (double)data.Scale * weights.Scales[weights.Scales.Length == 1 ? 0 : i];
            double units = Math.Round(values[i] / unit);
            if (!(Math.Abs(units) < LargestBias))
                return null;
            sums[i] = (int)units;
        }
        return Tensor.Create<int>(DataType.QInt32, bias.Shape, sums);
    }

    /// <summary>Weights of 8 bits with sign, zero at 0, of one scale or of one for each output channel.</summary>
    private QuantizedConstant? WeightsOf(Node product, int channel) =>
        stored.TryGetValue(product.Inputs[1].Node, out QuantizedConstant? weights) && weights.Values.Type == DataType.Int8 && Array.TrueForAll(weights.ZeroPoints, zero => zero == 0)
        && (weights.Axis < 0 || (weights.Axis == channel && (product.Op != "DepthwiseConv2dNative" || weights.Values.Shape[3] == 1)))
            ? weights
            : null;

    /// <summary>What a layer reads behind Dequantize.</summary>
    private Quantity? Source(NodeInput input)
    {
        if (graph.Find(input.Node) is not { Op: "Dequantize" } dequantize || dequantize.TypeAttribute("T") is not (DataType.QUInt8 or DataType.QInt8) || EndOf(dequantize) is not { } limit)
            return null;
        DataType type = dequantize.TypeAttribute("T")!.Value;
        return new(dequantize.Inputs[0], type, limit, limit / (type == DataType.QUInt8 ? UnsignedLevels : SignedLevels));
    }

    /// <summary>The upper end of a range that is constant.</summary>
    private float? EndOf(Node node) => graph.Find(node.Inputs[2].Node)?.TensorAttribute("value") is { Type: DataType.Float, ElementCount: 1 } end ? end.AsSpan<float>()[0] : null;

    /// <summary>The producer of a tensor that nothing else reads.</summary>
    private Node? Alone(NodeInput input) => input.Port == 0 && graph.ConsumersOf(input.Node).Length == 1 && !outputs.Contains(input.Node) ? graph.Find(input.Node) : null;

    private NodeInput Constant(string wish, Tensor value)
    {
        string name = Free(wish);
        edit.Add(Node.Constant(name, value));
        return name;
    }

    private string Free(string wish)
    {
        string name = wish;
        for (int i = 1; !names.Add(name); i++)
            name = FormattableString.Invariant($"{wish}_{i}");
        return name;
    }

    private static Graph WithoutUnread(Graph graph, HashSet<string> outputs)
    {
        while (true)
        {
            Graph kept = graph.Where(node => node.Op == "Placeholder" || outputs.Contains(node.Name) || !graph.ConsumersOf(node).IsEmpty);
            if (ReferenceEquals(kept, graph))
                return graph;
            graph = kept;
        }
    }

    /// <summary>A tensor of quantized values.</summary>
    private sealed record Quantity(NodeInput Tensor, DataType Type, float Limit, float Scale);
}
