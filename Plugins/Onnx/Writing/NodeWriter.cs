using System.Diagnostics.CodeAnalysis;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Onnx.Inference;

namespace TransformFramework.Onnx.Writing;

/// <summary>What an op converter is given to write one node: its inputs and attributes, and the ONNX graph that it adds nodes to.</summary>
internal sealed class NodeWriter(GraphWriter graph, Node node)
{
    private readonly NodeInput[] inputs = [.. node.DataInputs];

    public GraphWriter Graph => graph;

    public Node Node => node;

    public string Op => node.Op;

    public int Count => inputs.Length;

    public int Opset => graph.Context.Opset;

    public NodeInput Input(int slot) => slot < inputs.Length ? inputs[slot] : throw OnnxDiagnostics.Decline($"input {slot} is missing");

    /// <summary>What an input is.</summary>
    public WrittenValue Value(int slot) => graph[Input(slot)];

    /// <summary>What is known of an input, in the layout of the graph.</summary>
    public ValueInfo Info(int slot) => Value(slot).Info;

    /// <summary>An input in the layout of the graph.</summary>
    public Operand this[int slot] => graph.Read(Input(slot), Layout.Original);

    /// <summary>An input in a layout.</summary>
    public Operand Read(int slot, Layout layout) => graph.Read(Input(slot), layout);

    /// <summary>An input as it is computed.</summary>
    public Operand Native(int slot) => Value(slot).Operand;

    public int Rank(int slot) => Info(slot).Rank is >= 0 and var rank ? rank : throw OnnxDiagnostics.Decline($"the rank of input {slot} is not known");

    public Tensor? Constant(int slot) => Value(slot)[Layout.Original]?.Info.Constant;

    /// <summary>The constant that an input is.</summary>
    public Tensor RequireConstant(int slot) => Constant(slot) ?? throw OnnxDiagnostics.Decline($"input {slot} must be a constant");

    /// <summary>The integers of an input, or null when they are not all known.</summary>
    public long[]? Known(int slot)
    {
        ValueInfo info = Info(slot);
        if (info.HasAllElements)
            return [.. info.Elements.Select(element => element!.Value)];
        return info.Constant is { IsDecodable: true } constant && Tensors.IsInteger(constant.Type) ? Tensors.ToLongs(constant) : null;
    }

    public long[] RequireKnown(int slot) => Known(slot) ?? throw OnnxDiagnostics.Decline($"input {slot} must be a constant");

    public string Text(string name, string otherwise = "") => node.String(name, otherwise);

    public bool Flag(string name) => node.Bool(name, otherwise: false);

    public float Real(string name, float? otherwise = null) => node.Attributes.TryGetValue(name, out var value) && value is FloatValue number ? number.Value : otherwise ?? throw Missing(name);

    public long Integer(string name, long? otherwise = null) => node.Attributes.TryGetValue(name, out var value) && value is IntValue number ? number.Value : otherwise ?? throw Missing(name);

    public long[] Integers(string name) => node.Attributes.TryGetValue(name, out var value) && value is ListValue list ? [.. list.Items.OfType<IntValue>().Select(item => item.Value)] : [];

    public DataType Type(string name) => node.TypeAttribute(name) ?? throw Missing(name);

    /// <summary>An axis counted from the front.</summary>
    public static int Axis(long axis, int rank) => axis >= -rank && axis < rank ? (int)(axis < 0 ? axis + rank : axis) : throw OnnxDiagnostics.Decline($"axis {axis} does not exist in rank {rank}");

    /// <summary>Adds a node with one output.</summary>
    public Operand Emit(string op, IReadOnlyList<Operand?> from, params IEnumerable<(string Name, object Value)> attributes) => EmitAll(op, from, 1, attributes)[0];

    /// <summary>Adds a node of a domain with one output.</summary>
    public Operand EmitOf(string domain, string op, IReadOnlyList<Operand?> from, params IEnumerable<(string Name, object Value)> attributes) =>
        graph.Add(node.Name, op, from, 1, attributes.ToDictionary(attribute => attribute.Name, attribute => attribute.Value, StringComparer.Ordinal), domain)[0];

    public Operand[] EmitAll(string op, IReadOnlyList<Operand?> from, int count, params IEnumerable<(string Name, object Value)> attributes) =>
        graph.Add(node.Name, op, from, count, attributes.ToDictionary(attribute => attribute.Name, attribute => attribute.Value, StringComparer.Ordinal));

    /// <summary>Lets an output of the node be an operand.</summary>
    public void Set(Operand operand, Layout layout = Layout.Original, int port = 0) => graph.Bind(NodeInput.Data(node.Name, port), new WrittenValue(operand, layout));

    public void Set(WrittenValue value, int port = 0) => graph.Bind(NodeInput.Data(node.Name, port), value);

    [SuppressMessage("Performance", "CA1822:Mark members as static", Justification = "Converters are given all they need by one object.")]
    public Operand Const(Tensor tensor) => new(ValueInfo.Of(tensor));

    /// <summary>A constant that is stored quantized.</summary>
    [SuppressMessage("Performance", "CA1822:Mark members as static", Justification = "Converters are given all they need by one object.")]
    public Operand Stored(QuantizedConstant quantized) => new(new ValueInfo(DataType.Float, quantized.Values.Shape) { Constant = quantized.Dequantized() }) { Quantized = quantized };

    /// <summary>A constant list of 64-bit integers.</summary>
    public Operand Longs(params ReadOnlySpan<long> values) => Const(Tensors.Integers(values));

    public Operand Long(long value) => Const(Tensors.Integer(value));

    public Operand Scalar(DataType type, double value) => Const(Tensors.Scalar(type, value));

    public Operand Cast(Operand operand, DataType type) => operand.Info.Type == type ? operand : Emit("Cast", [operand], ("to", (long)Model.ElementTypes.Of(type)));

    public Operand Reshape(Operand operand, params ReadOnlySpan<long> shape) => Emit("Reshape", [operand, Longs(shape)]);

    public Operand Transpose(Operand operand, params ReadOnlySpan<long> order)
    {
        long[] places = order.ToArray();
        if (operand.Quantized is { } quantized)
        {
            Tensor moved = Tensors.Transpose(quantized.Values, Array.ConvertAll(places, place => (int)place));
            return Stored(quantized with { Values = moved, Axis = quantized.Axis < 0 ? -1 : Array.IndexOf(places, quantized.Axis) });
        }
        return places.Select((from, to) => from == to).All(isSame => isSame) ? operand : graph.Transpose(node.Name, operand, places);
    }

    /// <summary>Squeezes axes, an attribute until opset 12.</summary>
    public Operand Squeeze(Operand operand, params ReadOnlySpan<long> axes) => axes.IsEmpty ? operand : Emit("Squeeze", [operand, Longs(axes)]);

    public Operand Unsqueeze(Operand operand, params ReadOnlySpan<long> axes) => Emit("Unsqueeze", [operand, Longs(axes)]);

    /// <summary>A part along one axis.</summary>
    public Operand Slice(Operand operand, long start, long end, long axis) => Emit("Slice", [operand, Longs(start), Longs(end), Longs(axis)]);

    private static ModelFormatException Missing(string attribute) => OnnxDiagnostics.Decline($"attribute '{attribute}' is missing");
}
