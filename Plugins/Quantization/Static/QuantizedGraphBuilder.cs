using TransformFramework.Graphs;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Static;

/// <summary>A tensor of codes with the constants that hold its range.</summary>
internal readonly record struct QuantizedTensor(NodeInput Codes, NodeInput Min, NodeInput Max, ActivationRange Range);

/// <summary>Writes the integer form of groups, and the conversions between numbers and codes.</summary>
internal sealed class QuantizedGraphBuilder(Graph graph, ActivationRanges ranges, QuantizedRegion region, IReadOnlyList<FusedLayer> groups, Quantize.Options options, TransformContext context)
{
    private const float SmallestRange = 0.01f;
    private static readonly AttributeValue UnitStrides = new ListValue([1L, 1L, 1L, 1L]);
    private readonly InPlaceEdit edit = new(graph, context);
    private readonly Dictionary<string, QuantizedTensor> coded = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Weights, string What), List<(string Name, Tensor Value)>> constants = [];
    private readonly Dictionary<string, string> negated = new(StringComparer.Ordinal);
    private readonly Dictionary<FusedLayer, int> numbering = groups.Select((group, i) => (group, i)).ToDictionary(entry => entry.group, entry => entry.i);
    private readonly Dictionary<string, FusedLayer> byTail = groups.ToDictionary(group => group.Tail.Name, StringComparer.Ordinal);

    /// <summary>The graph with codes in place of the region's numbers.</summary>
    public Graph Emit()
    {
        var inner = region.Inner();
        foreach (NodeInput tensor in region.Tensors)
            Announce(tensor);
        foreach (FusedLayer group in groups)
            Replace(group);
        foreach (NodeInput tensor in region.Tensors.Where(tensor => !byTail.ContainsKey(tensor.Node)))
            Quantize(tensor);
        foreach (string name in inner.Values.SelectMany(nodes => nodes).Distinct(StringComparer.Ordinal))
            ReadCodes(graph.Find(name)!);
        return edit.Apply();
    }

    /// <summary>Names the codes and the range of a tensor, whoever makes them.</summary>
    private void Announce(NodeInput tensor)
    {
        string name = tensor.Port > 0 ? $"{tensor.Node}_{tensor.Port}" : tensor.Node;
        ActivationRange range = ranges.Find(tensor)!.Value;
        Node place = graph.Find(tensor.Node)!;
        if (SharedRange(tensor) is { } source && coded.TryGetValue(source.Canonical, out var same))
        {
            coded[tensor.Canonical] = same with { Codes = edit.FreeName(name + "/quantized") };
            return;
        }
        coded[tensor.Canonical] = new(
            edit.FreeName(name + "/quantized"),
            Insert(place, Node.Constant(edit.FreeName($"quantize/{coded.Count}/min"), Tensor.Scalar(range.Min))),
            Insert(place, Node.Constant(edit.FreeName($"quantize/{coded.Count}/max"), Tensor.Scalar(range.End))),
            range);
    }

    private NodeInput? SharedRange(NodeInput tensor) =>
        !byTail.ContainsKey(tensor.Node) && graph.Find(tensor.Node) is { } node && QuantizableOps.IsMoving(node) && QuantizableOps.MovedInput(node) is var moved && region.IsCoded(moved)
            ? moved
            : default(NodeInput?);

    private string Insert(Node place, Node node)
    {
        edit.InsertBefore(place, node);
        return node.Name;
    }

    private void Quantize(NodeInput tensor)
    {
        QuantizedTensor codes = coded[tensor.Canonical];
        Node producer = graph.Find(tensor.Node)!;
        Node quantize = new Node(codes.Codes.Node, "QuantizeV2", tensor, codes.Min, codes.Max)
            .With("T", codes.Range.Type).With("mode", "SCALED").With("round_mode", "HALF_TO_EVEN");
        edit.InsertAfter(producer, codes.Range.End < SmallestRange ? quantize.With("ensure_minimum_range", 0f) : quantize);
        context.Count("tensors quantized");
    }

    /// <summary>Lets a node between codes read numbers that stand for codes.</summary>
    private void ReadCodes(Node node)
    {
        for (int i = 0; i < node.Inputs.Length; i++)
        {
            if (region.IsCoded(node.Inputs[i]) && !byTail.ContainsKey(node.Inputs[i].Node))
                edit.Redirect(node, i, Numbers(node.Inputs[i]));
        }
    }

    /// <summary>The numbers that the codes of a tensor stand for.</summary>
    private string Numbers(NodeInput tensor)
    {
        if (numbers.TryGetValue(tensor.Canonical, out string? name))
            return name;
        QuantizedTensor codes = coded[tensor.Canonical];
        name = edit.FreeName(codes.Codes.Node[..^"/quantized".Length] + "/dequantized");
        edit.InsertAfter(graph.Find(tensor.Node)!, Dequantize(name, codes));
        return numbers[tensor.Canonical] = name;
    }

    private static Node Dequantize(string name, QuantizedTensor codes) => new Node(name, "Dequantize", codes.Codes, codes.Min, codes.Max).With("T", codes.Range.Type).With("mode", "SCALED");

    private void Replace(FusedLayer group)
    {
        Node tail = group.Tail;
        foreach (Node member in group.Members.SkipLast(1))
            edit.Remove(member);
        bool isCoded = region.IsCoded(tail.Name);
        if (isCoded)
            EmitCodes(group, coded[new NodeInput(tail.Name).Canonical]);
        else
            EmitSums(group);
        bool isRead = !isCoded || context.IsListed(tail.Name) || graph.ConsumersOf(tail).Any(consumer => !IsGroupInput(consumer));
        if (!isRead)
            edit.Remove(tail);
        else if (isCoded)
            edit.Change(tail, _ => Dequantize(tail.Name, coded[new NodeInput(tail.Name).Canonical]) with { Device = tail.Device });
        context.Count("weighted ops quantized");
    }

    private bool IsGroupInput(Consumer consumer) => groups.Any(group =>
        (ReferenceEquals(group.Op.Node, consumer.Node) && consumer.Input == group.Op.DataInput) || (group.Summand is not null && group.Members.Contains(consumer.Node, ReferenceEqualityComparer.Instance)));

    private void EmitCodes(FusedLayer group, QuantizedTensor result)
    {
        if (group.IsDepthwise && !group.HasRelu)
        {
            string sums = Products(group, edit.FreeName(group.Tail.Name + "/products"), "QuantizedDepthwiseConv2DWithBias", DataType.QInt32, []).Name;
            Insert(group.Tail, new Node(result.Codes.Node, "RequantizePerChannel", sums, NodeInput.Data(sums, 1), NodeInput.Data(sums, 2), result.Min, result.Max).With("T", DataType.QInt32).With("out_type", result.Range.Type));
            return;
        }
        string op = (group.IsDepthwise ? "QuantizedDepthwiseConv2DWithBias" : "QuantizedConv2DWithBias") + (group.Summand is null ? "" : "Sum") + (group.HasRelu ? "AndRelu" : "") + "AndRequantize";
        NodeInput[] tail = [result.Min, result.Max];
        if (group.Summand is { } summand)
        {
            QuantizedTensor added = coded[summand.Canonical];
            tail = [.. tail, added.Codes, added.Min, added.Max];
        }
        bool isProduct = group.Op.Node.Op == "MatMul";
        Node node = Products(group, isProduct ? edit.FreeName(group.Tail.Name + "/products") : result.Codes.Node, op, result.Range.Type, tail);
        if (isProduct)
            Insert(group.Tail, Rows(group, result.Codes.Node, node.Name, result.Range.Type));
    }

    /// <summary>Sums in 32 bits, then numbers: for results that nobody multiplies.</summary>
    private void EmitSums(FusedLayer group)
    {
        Node tail = group.Tail;
        Node sums = Products(group, edit.FreeName(tail.Name + "/products"), group.IsDepthwise ? "QuantizedDepthwiseConv2DWithBias" : "QuantizedConv2DWithBias", DataType.QInt32, []);
        bool isProduct = group.Op.Node.Op == "MatMul";
        Node result = new Node(isProduct ? edit.FreeName(tail.Name + "/sums") : tail.Name, "Dequantize", sums.Name, NodeInput.Data(sums.Name, 1), NodeInput.Data(sums.Name, 2)).With("T", DataType.QInt32).With("mode", "SCALED");
        if (options.PerChannel)
            result = result.With("axis", 3);
        if (isProduct)
        {
            Insert(tail, result);
            result = Rows(group, tail.Name, result.Name, DataType.Float);
        }
        edit.Change(tail, _ => result with { Device = tail.Device });
    }

    /// <summary>The fused op itself, before the tail of its group. Codes take the bias in units of the products, sums take it as numbers.</summary>
    private Node Products(FusedLayer group, string name, string op, DataType resultType, NodeInput[] last)
    {
        bool isRequantized = resultType != DataType.QInt32;
        Node original = group.Op.Node;
        Node place = group.Tail;
        QuantizedTensor input = coded[group.Data.Canonical];
        QuantizedFilter filter = QuantizedFilter.Of(Filter(group), group.Bias.Length, options.PerChannel, QuantizedFilter.SmallestEnds(group.Bias, input.Range));
        float[] bias = options.CorrectBias ? BiasCorrection.Apply(group, filter, ranges.Statistics(group.Data)?.ChannelMeans) : group.Bias;
        NodeInput codes = original.Op == "MatMul" ? Insert(place, Columns(group, input)) : input.Codes;
        string filterMax = Constant(group, "filter_max", RangeTensor(filter.Ends));
        Node product = new Node(
            name,
            op,
            [
                codes,
                Constant(group, "filter", filter.Codes),
                Constant(group, "bias", isRequantized ? filter.BiasCodes(bias, input.Range) : Tensor.Create<float>(DataType.Float, TensorShape.Of(bias.Length), bias)),
                input.Min,
                input.Max,
                Negated(group, filterMax),
                filterMax,
                .. last,
                .. group.Members.SelectMany(member => member.ControlInputs).Distinct(),
            ]);
        product = WithWindow(product, original).With("Tinput", input.Range.Type).With("Tfilter", DataType.QInt8).With("out_type", resultType);
        if (isRequantized)
            product = product.With("Tbias", DataType.QInt32);
        if (group.Summand is not null)
            product = product.With("Tsummand", DataType.QUInt8);
        product = product with { Device = original.Device };
        Insert(place, product);
        return product;
    }

    private static Tensor Filter(FusedLayer group)
    {
        Tensor weights = group.Op.Weights;
        if (group.Op.Node.Op != "MatMul")
            return weights;
        int rows = group.Op.InputChannels;
        int columns = group.Op.OutputChannels;
        TensorShape shape = TensorShape.Of(1, 1, rows, columns);
        if (!WeightedLayer.HasTransposedWeights(group.Op.Node))
            return Tensor.FromContent(DataType.Float, shape, weights.Bytes);
        Tensor turned = Tensor.Allocate<float>(DataType.Float, shape, out var elements);
        ReadOnlySpan<float> values = weights.AsSpan<float>();
        for (int i = 0; i < values.Length; i++)
            elements[(i % rows * columns) + (i / rows)] = values[i];
        return turned;
    }

    private static Node WithWindow(Node product, Node original)
    {
        if (original.Op == "MatMul")
            return product.With("strides", UnitStrides).With("padding", "VALID");
        product = product.With("strides", original.Attributes["strides"]).With("padding", original.Attributes["padding"]);
        return original.Attributes.TryGetValue("dilations", out var dilations) ? product.With("dilations", dilations) : product;
    }

    private Node Columns(FusedLayer group, QuantizedTensor input)
    {
        string shape = Constant(group, "columns", Tensor.Create<int>(DataType.Int32, TensorShape.Of(4), [-1, 1, 1, group.Op.InputChannels]));
        return new Node(edit.FreeName(group.Op.Node.Name + "/columns_of_data"), "Reshape", input.Codes, shape).With("T", input.Range.Type).With("Tshape", DataType.Int32);
    }

    private Node Rows(FusedLayer group, string name, string products, DataType type)
    {
        string shape = Constant(group, "rows", Tensor.Create<int>(DataType.Int32, TensorShape.Of(2), [-1, group.Op.OutputChannels]));
        return new Node(name, "Reshape", products, shape).With("T", type).With("Tshape", DataType.Int32);
    }

    /// <summary>A constant of a group; nodes that share their weights share what is made of these.</summary>
    private string Constant(FusedLayer group, string what, Tensor value)
    {
        var key = (group.Op.Node.Inputs[WeightedLayer.WeightsInput].Node, what);
        if (!constants.TryGetValue(key, out var made))
            constants[key] = made = [];
        if (made.Find(constant => constant.Value.ContentEquals(value)) is { Name: not null } known)
            return known.Name;
        string name = Insert(group.Tail, Node.Constant(edit.FreeName($"quantize/{NumberOf(group)}/{what}"), value));
        made.Add((name, value));
        return name;
    }

    /// <summary>The other end of symmetric ranges. It is computed, since for each channel of small layers a constant would cost as much as a dozen weights.</summary>
    private string Negated(FusedLayer group, string filterMax)
    {
        if (!negated.TryGetValue(filterMax, out string? name))
            negated[filterMax] = name = Insert(group.Tail, new Node(edit.FreeName($"quantize/{NumberOf(group)}/filter_min"), "Neg", filterMax).With("T", DataType.Float));
        return name;
    }

    /// <summary>Constants are numbered, not named after the nodes they are for: long names would outweigh them.</summary>
    private int NumberOf(FusedLayer group) => numbering[group];

    private Tensor RangeTensor(float[] ends) => Tensor.Create<float>(DataType.Float, options.PerChannel ? TensorShape.Of(ends.Length) : TensorShape.Scalar, ends);
}
