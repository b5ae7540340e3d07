using TransformFramework.Graphs;
using TransformFramework.Toolkit.Weights;

namespace TransformFramework.Quantization.Static;

/// <summary>What a layer's op reads.</summary>
/// <param name="Data">The quantized data.</param>
/// <param name="Constants">What each constant that depends on the quantized weights holds, by its name.</param>
internal readonly record struct LayerOperands(NodeInput Data, IReadOnlyDictionary<string, LayerConstant> Constants);

/// <summary>What a constant of a layer holds.</summary>
internal enum LayerConstant
{
    Filter,
    FilterMin,
    FilterMax,
    Bias,
    Units,
    AccumulatorMin,
    AccumulatorMax,
}

/// <summary>
/// Writes the ops of one layer. With 8-bit results:
/// <code>
/// y = QuantizedConv2DWithBias[Sum][AndRelu]AndRequantize(x, filter, bias: qint32, ranges of x, filter, y [, residual, its range])
/// </code>
/// In 32 bits, with ranges that make every scale within TensorFlow's kernels 1:
/// <code>
/// a = QuantizedConv2DWithBias(x, filter, bias: whole floats, 0 or -127, 255 or 127, -127, 127) {out_type=qint32}
/// y = Mul(Cast(Bitcast(a)), units)      or, of a depthwise convolution, y = RequantizePerChannel(a, -units·2³¹, units·2³¹, range of y)
/// </code>
/// A matrix product is a convolution of one pixel.
/// </summary>
internal sealed class QuantizedLayerBuilder
{
    private const double AccumulatorSteps = 2147483648;
    private static readonly AttributeValue UnitStrides = new ListValue([1L, 1L, 1L, 1L]);
    private readonly InPlaceEdit edit;
    private readonly LayerQuantizer quantizer;
    private readonly IReadOnlyDictionary<string, QuantizedTensor> tensors;
    private readonly Dictionary<string, int> numbers;
    private readonly Dictionary<string, LayerOperands> operands = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, LayerConstant>> constantsRead = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Weights, string What), List<(string Name, Tensor Value)>> constants = [];

    public QuantizedLayerBuilder(InPlaceEdit edit, QuantizationPlan plan, LayerQuantizer quantizer, IReadOnlyDictionary<string, QuantizedTensor> tensors)
    {
        this.edit = edit;
        this.quantizer = quantizer;
        this.tensors = tensors;
        numbers = plan.Layers.Select((layer, i) => (layer.Layer.Tail.Name, i)).ToDictionary(entry => entry.Name, entry => entry.i, StringComparer.Ordinal);
    }

    /// <summary>Writes a layer: its quantized values under their announced name, or its float result in the tail's place.</summary>
    public void Write(PlannedLayer planned)
    {
        QuantizedWeights weights = quantizer.Quantize(planned);
        constantsRead[planned.Layer.Tail.Name] = new(StringComparer.Ordinal);
        if (planned.Output is null)
            WriteFloat(planned, weights);
        else if (planned.EndsInAccumulators)
            WriteRequantized(planned, weights, ResultOf(planned));
        else
            WriteFused(planned, weights, ResultOf(planned));
    }

    private QuantizedTensor ResultOf(PlannedLayer planned) => tensors[new NodeInput(planned.Layer.Tail.Name).Canonical];

    private void WriteFused(PlannedLayer planned, QuantizedWeights weights, QuantizedTensor result)
    {
        FusedLayer layer = planned.Layer;
        string op = (layer.IsDepthwise ? "QuantizedDepthwiseConv2DWithBias" : "QuantizedConv2DWithBias") + (layer.Residual is null ? "" : "Sum") + (layer.HasRelu ? "AndRelu" : "") + "AndRequantize";
        string filterMax = Constant(planned, weights, LayerConstant.FilterMax);
        string filterMin = Constant(planned, weights, LayerConstant.FilterMin);
        var (data, min, max) = DataOf(planned);
        Read(planned, data);
        QuantizedTensor? residual = layer.Residual is { } added ? tensors[added.Canonical] : null;
        NodeInput[] summed = residual is { } tensor ? [tensor.Values, tensor.Min, tensor.Max] : [];
        Node node = new Node(
            layer.IsMatMul ? edit.FreeName(layer.Tail.Name + "/pixels") : result.Values.Node,
            op,
            [data, Constant(planned, weights, LayerConstant.Filter), Constant(planned, weights, LayerConstant.Bias), min, max, filterMin, filterMax, result.Min, result.Max, .. summed, .. ControlsOf(layer)]);
        node = WithAttributes(node, planned).With("Tbias", DataType.QInt32).With("out_type", result.Range.Type);
        Insert(layer, residual is null ? node : node.With("Tsummand", DataType.QUInt8));
        if (layer.IsMatMul)
            Insert(layer, Rows(layer, result.Values.Node, node.Name, result.Range.Type));
    }

    private void WriteRequantized(PlannedLayer planned, QuantizedWeights weights, QuantizedTensor result)
    {
        FusedLayer layer = planned.Layer;
        string accumulators = Accumulators(planned, weights);
        string min = Constant(planned, weights, LayerConstant.AccumulatorMin);
        string max = Constant(planned, weights, LayerConstant.AccumulatorMax);
        Insert(layer, new Node(result.Values.Node, "RequantizePerChannel", accumulators, min, max, result.Min, result.Max).With("T", DataType.QInt32).With("out_type", result.Range.Type));
    }

    private void WriteFloat(PlannedLayer planned, QuantizedWeights weights)
    {
        FusedLayer layer = planned.Layer;
        Node tail = layer.Tail;
        string accumulators = Accumulators(planned, weights);
        string integers = Insert(layer, new Node(edit.FreeName(tail.Name + "/int32"), "Bitcast", accumulators).With("T", DataType.QInt32).With("type", DataType.Int32));
        string floats = Insert(layer, new Node(edit.FreeName(tail.Name + "/float"), "Cast", integers).With("SrcT", DataType.Int32).With("DstT", DataType.Float));
        string units = Constant(planned, weights, LayerConstant.Units);
        Node result = new Node(layer.IsMatMul ? edit.FreeName(tail.Name + "/pixels") : tail.Name, "Mul", floats, units).With("T", DataType.Float);
        if (layer.IsMatMul)
            result = Rows(layer, tail.Name, Insert(layer, result), DataType.Float);
        edit.Change(tail, _ => result with { Device = tail.Device });
    }

    private string Accumulators(PlannedLayer planned, QuantizedWeights weights)
    {
        FusedLayer layer = planned.Layer;
        var range = planned.Input;
        string name = edit.FreeName(layer.Tail.Name + "/accumulators");
        NodeInput data = DataOf(planned).Values;
        Read(planned, data);
        Node node = new Node(
            name,
            layer.IsDepthwise ? "QuantizedDepthwiseConv2DWithBias" : "QuantizedConv2DWithBias",
            [
                data,
                Constant(planned, weights, LayerConstant.Filter),
                Constant(planned, weights, LayerConstant.Bias),
                Scalar(layer, name + "/data_min", range.IsSigned ? -range.Levels : 0),
                Scalar(layer, name + "/data_max", range.Levels),
                Scalar(layer, name + "/filter_min", -QuantizedFilter.Levels),
                Scalar(layer, name + "/filter_max", QuantizedFilter.Levels),
                .. ControlsOf(layer),
            ]);
        return Insert(layer, WithAttributes(node, planned).With("out_type", DataType.QInt32));
    }

    /// <summary>What a layer's op reads.</summary>
    public LayerOperands OperandsOf(PlannedLayer planned) => operands[planned.Layer.Tail.Name];

    /// <summary>The value of a constant of a layer.</summary>
    public static Tensor ConstantOf(PlannedLayer planned, QuantizedWeights weights, LayerConstant what, bool perChannel)
    {
        float[] ends = weights.Filter.Ends;
        return what switch
        {
            LayerConstant.Filter => weights.Filter.Values,
            LayerConstant.FilterMin => RangeTensor([.. ends.Select(end => -end)]),
            LayerConstant.FilterMax => RangeTensor(ends),
            LayerConstant.Bias => BiasTensor(planned, weights),
            LayerConstant.Units => Vector([.. UnitsOf(planned, weights).Select(unit => (float)unit)]),
            LayerConstant.AccumulatorMin => Vector([.. UnitsOf(planned, weights).Select(unit => -(float)(unit * AccumulatorSteps))]),
            _ => Vector([.. UnitsOf(planned, weights).Select(unit => (float)(unit * AccumulatorSteps))]),
        };

        Tensor RangeTensor(float[] values) => perChannel ? Vector(values) : Tensor.Scalar(values[0]);
    }

    /// <summary>The bias as a layer's op reads it: qint32, or whole floats where the op ends in accumulators.</summary>
    private static Tensor BiasTensor(PlannedLayer planned, QuantizedWeights weights)
    {
        int[] units = BiasUnits(planned, weights);
        if (planned.EndsInAccumulators)
            return Vector([.. units.Select(unit => (float)unit)]);
        Tensor bias = Tensor.Allocate<int>(DataType.QInt32, TensorShape.Of(units.Length), out var elements);
        units.CopyTo(elements);
        return bias;
    }

    private void Read(PlannedLayer planned, NodeInput data) => operands[planned.Layer.Tail.Name] = new(data, constantsRead[planned.Layer.Tail.Name]);

    private string Constant(PlannedLayer planned, QuantizedWeights weights, LayerConstant what)
    {
        string name = Constant(planned.Layer, NameOf(what), ConstantOf(planned, weights, what, quantizer.PerChannel));
        constantsRead[planned.Layer.Tail.Name][name] = what;
        return name;
    }

    private static string NameOf(LayerConstant what) => what switch
    {
        LayerConstant.Filter => "filter",
        LayerConstant.FilterMin => "filter_min",
        LayerConstant.FilterMax => "filter_max",
        LayerConstant.Bias => "bias",
        LayerConstant.Units => "units",
        LayerConstant.AccumulatorMin => "accumulator_min",
        _ => "accumulator_max",
    };

    private static IEnumerable<double> UnitsOf(PlannedLayer planned, QuantizedWeights weights) => Enumerable.Range(0, weights.Bias.Length).Select(channel => weights.Filter.UnitOf(channel, planned.Input));

    /// <summary>The bias in units of the accumulators, with what a shift of the data takes off.</summary>
    private static int[] BiasUnits(PlannedLayer planned, QuantizedWeights weights)
    {
        if (planned.Shift is not { } shift)
            return weights.Filter.BiasUnits(weights.Bias.AsSpan(), planned.Input);
        double[] bias = [.. weights.Bias.Select((value, channel) => value / weights.Filter.UnitOf(channel, planned.Input))];
        ReadOnlySpan<sbyte> values = weights.Filter.Values.AsSpan<sbyte>();
        for (int i = 0; i < values.Length; i++)
            bias[i % bias.Length] -= shift.ZeroPoint * values[i];
        return [.. bias.Select(value => (int)Math.Round(value))];
    }

    private (NodeInput Values, NodeInput Min, NodeInput Max) DataOf(PlannedLayer planned)
    {
        FusedLayer layer = planned.Layer;
        if (planned.Shift is { } shift)
            return Shifted(layer, shift);
        QuantizedTensor data = tensors[layer.Data.Canonical];
        if (!layer.IsMatMul)
            return (data.Values, data.Min, data.Max);
        string shape = Constant(layer, "pixels", Tensor.Create<int>(DataType.Int32, TensorShape.Of(4), [-1, 1, 1, layer.Op.InputChannels]));
        string pixels = edit.FreeName(layer.Op.Node.Name + "/data");
        return (Insert(layer, new Node(pixels, "Reshape", data.Values, shape).With("T", data.Range.Type).With("Tshape", DataType.Int32)), data.Min, data.Max);
    }

    private (NodeInput Values, NodeInput Min, NodeInput Max) Shifted(FusedLayer layer, InputShift shift)
    {
        string prefix = layer.Op.Node.Name;
        string offset = Scalar(layer, prefix + "/shift", shift.Offset);
        NodeInput data = Insert(layer, new Node(edit.FreeName(prefix + "/shifted"), "AddV2", layer.Data, offset).With("T", DataType.Float));
        if (shift.Padding is [var top, var bottom, var left, var right])
        {
            string paddings = Insert(layer, Node.Constant(edit.FreeName(prefix + "/paddings"), Tensor.Create<int>(DataType.Int32, TensorShape.Of(4, 2), [0, 0, top, bottom, left, right, 0, 0])));
            data = Insert(layer, new Node(edit.FreeName(prefix + "/padded"), "PadV2", data, paddings, offset).With("T", DataType.Float).With("Tpaddings", DataType.Int32));
        }
        QuantizedTensor quantized = new(edit.FreeName(prefix + "/data"), Scalar(layer, prefix + "/data_min", shift.Range.Min), Scalar(layer, prefix + "/data_max", shift.Range.End), shift.Range);
        Insert(layer, Conversions.Quantize(quantized.Values.Node, data, quantized));
        return (quantized.Values, quantized.Min, quantized.Max);
    }

    private static IEnumerable<NodeInput> ControlsOf(FusedLayer layer) => layer.Members.SelectMany(member => member.ControlInputs).Distinct();

    private static Node WithAttributes(Node node, PlannedLayer planned)
    {
        Node original = planned.Layer.Op.Node;
        node = node.With("Tinput", planned.Input.Type).With("Tfilter", DataType.QInt8) with { Device = original.Device };
        if (planned.Layer.IsMatMul)
            return node.With("strides", UnitStrides).With("padding", "VALID");
        node = node.With("strides", original.Attributes["strides"]).With("padding", planned.Shift is null ? original.Attributes["padding"] : (AttributeValue)"VALID");
        return original.TryLongList("dilations", out var dilations) && dilations.Any(dilation => dilation != 1) ? node.With("dilations", original.Attributes["dilations"]) : node;
    }

    private Node Rows(FusedLayer layer, string name, string pixels, DataType type)
    {
        string shape = Constant(layer, "rows", Tensor.Create<int>(DataType.Int32, TensorShape.Of(2), [-1, layer.Op.OutputChannels]));
        return new Node(name, "Reshape", pixels, shape).With("T", type).With("Tshape", DataType.Int32);
    }

    private string Insert(FusedLayer layer, Node node)
    {
        edit.InsertBefore(layer.Tail, node);
        return node.Name;
    }

    private string Scalar(FusedLayer layer, string name, float value) => Insert(layer, Node.Constant(edit.FreeName(name), Tensor.Scalar(value)));

    /// <summary>A constant of a layer, numbered since long names would outweigh it. Layers that share their weights share what is made of these.</summary>
    private string Constant(FusedLayer layer, string what, Tensor value)
    {
        var key = (layer.Op.Node.Inputs[WeightedLayer.WeightsInput].Node, what);
        if (!constants.TryGetValue(key, out var made))
            constants[key] = made = [];
        if (made.Find(constant => constant.Value.ContentEquals(value)) is { Name: not null } known)
            return known.Name;
        string name = Insert(layer, Node.Constant(edit.FreeName($"quantize/{numbers[layer.Tail.Name]}/{what}"), value));
        made.Add((name, value));
        return name;
    }

    private static Tensor Vector(float[] values) => Tensor.Create<float>(DataType.Float, TensorShape.Of(values.Length), values);
}
