using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Model;

namespace TransformFramework.Onnx.Reading;

/// <summary>What an op converter is given to read one ONNX node: its inputs and attributes, and the graph that it adds nodes to.</summary>
internal sealed class NodeReader : NodeAttributes
{
    private readonly IReadOnlyList<ReadValue?> inputs;
    private readonly IReadOnlyList<ValueInfo?> inferred;
    private readonly string name;

    public NodeReader(OnnxNode node, ReadScope scope, GraphReader graph, IReadOnlyList<ReadValue?> inputs, IReadOnlyList<ValueInfo?> inferred)
        : base(node)
    {
        Scope = scope;
        Graph = graph;
        this.inputs = inputs;
        this.inferred = inferred;
        Opset = scope.Opsets.TryGetValue(node.Domain, out long version) ? version : 1;
        name = node.Outputs.FirstOrDefault(output => output.Length > 0) is { } output ? output : node.Name;
    }

    public ReadScope Scope { get; }

    public GraphReader Graph { get; }

    /// <summary>Version of the operator set that the node is written in.</summary>
    public long Opset { get; }

    public int Count => inputs.Count;

    /// <summary>Name that the node's result has, for the nodes made of it.</summary>
    public string Name => name;

    public bool Has(int input) => input < inputs.Count && inputs[input] is not null;

    public ReadValue Value(int input) => Has(input) ? inputs[input]! : throw OnnxDiagnostics.Broken($"input {input} is missing");

    public ReadValue? Optional(int input) => Has(input) ? inputs[input] : null;

    /// <summary>The tensor of an input.</summary>
    public NodeInput this[int input] => Value(input).Tensor;

    /// <summary>The tensors of all inputs.</summary>
    public NodeInput[] All => [.. Enumerable.Range(0, Count).Select(i => this[i])];

    /// <summary>What is known of an input.</summary>
    public ValueInfo Info(int input) => Value(input).Info;

    public DataType TypeOf(int input) => Info(input).Type;

    /// <summary>Rank of an input.</summary>
    /// <exception cref="ModelFormatException">It is not known.</exception>
    public int Rank(int input) => Info(input).Rank is >= 0 and var rank ? rank : throw OnnxDiagnostics.Decline($"the rank of input '{Value(input).Name}' is not known");

    /// <summary>What is known of an output; unknown where no rule tells.</summary>
    public ValueInfo? Output(int output) => inferred.ElementAtOrDefault(output);

    /// <summary>True when an output is asked for.</summary>
    public bool Wants(int output) => output < Node.Outputs.Count && Node.Outputs[output].Length > 0;

    public Tensor? Constant(int input) => Optional(input)?.Info.Constant;

    /// <summary>The integers of an input, or null when they are not all known.</summary>
    public long[]? Known(int input) =>
        Optional(input)?.Info is not { } info ? null
        : info.Shape is { Rank: 1, Dimensions: [0] } ? []
        : info.HasAllElements ? [.. info.Elements.Select(element => element!.Value)]
        : info.Constant is { } constant && Tensors.IsInteger(constant.Type) ? Tensors.ToLongs(constant) : null;

    /// <summary>The real values of a constant input, or null.</summary>
    public float[]? KnownReals(int input) => Constant(input) is { IsDecodable: true } constant && (Tensors.IsFloat(constant.Type) || Tensors.IsInteger(constant.Type)) ? constant.ToSingles() : null;

    /// <summary>Integers that newer versions have as an input and older ones as an attribute; null when absent.</summary>
    /// <exception cref="ModelFormatException">The input is not constant.</exception>
    public long[]? InputOr(int input, string attribute) =>
        Has(input) ? Known(input) ?? throw OnnxDiagnostics.Decline($"the input '{Value(input).Name}' ({attribute}) must be a constant") : Integers(attribute);

    /// <summary>An axis counted from the front.</summary>
    public static int Axis(long axis, int rank) =>
        axis >= -rank && axis < rank ? (int)(axis < 0 ? axis + rank : axis) : throw OnnxDiagnostics.Broken($"axis {axis} does not exist in rank {rank}");

    /// <summary>Adds a node on the way to the result.</summary>
    public NodeInput Emit(string op, ReadOnlySpan<NodeInput> from, params ReadOnlySpan<(string Name, AttributeValue Value)> attributes) =>
        Scope.Emitter.Add($"{name}/{op}", op, from, attributes)[0];

    /// <summary>Adds a node with several outputs on the way to the result.</summary>
    public NodeInput[] EmitAll(string op, ReadOnlySpan<NodeInput> from, params ReadOnlySpan<(string Name, AttributeValue Value)> attributes) =>
        Scope.Emitter.Add($"{name}/{op}", op, from, attributes);

    /// <summary>Adds the node that computes the first output; it gets the output's name.</summary>
    public void Result(string op, ReadOnlySpan<NodeInput> from, params ReadOnlySpan<(string Name, AttributeValue Value)> attributes) =>
        Set(0, Scope.Emitter.Add(name, op, from, attributes)[0]);

    /// <summary>Adds a node that computes all outputs in order.</summary>
    public void Results(string op, ReadOnlySpan<NodeInput> from, params ReadOnlySpan<(string Name, AttributeValue Value)> attributes)
    {
        NodeInput[] outputs = Scope.Emitter.Add(name, op, from, attributes);
        for (int i = 0; i < outputs.Length; i++)
            Set(i, outputs[i]);
    }

    /// <summary>Lets an output be a tensor.</summary>
    public void Set(int output, NodeInput tensor, ValueInfo? info = null)
    {
        if (!Wants(output))
            return;
        DataType type = Scope.Emitter.TypeOf(tensor);
        ValueInfo known = info ?? Output(output) ?? new(type, TensorShape.Unknown);
        if (known.Type != type)
            known = new(type, known.Shape);
        Set(output, new ReadValue(Scope.Emitter, Node.Outputs[output], known, tensor));
    }

    /// <summary>An input of rank 4 with its channels last.</summary>
    public NodeInput Last(int input) => Value(input).Last;

    /// <summary>Lets the first output be an image that has its channels last.</summary>
    public void SetLast(NodeInput image)
    {
        DataType type = Scope.Emitter.TypeOf(image);
        ValueInfo known = Output(0) is { Rank: 4 } info ? info : new(type, TensorShape.Of(-1, -1, -1, -1));
        var last = new ReadValue(Scope.Emitter, $"{name}/channels_last", ImageLayout.Moved(known), image);
        Set(0, ImageLayout.Restored(Scope.Emitter, Node.Outputs[0], known.Type == type ? known : new(type, known.Shape), last));
    }

    /// <summary>Adds the node that computes the first output, an image with its channels last.</summary>
    public void ResultLast(string op, ReadOnlySpan<NodeInput> from, params ReadOnlySpan<(string Name, AttributeValue Value)> attributes) => SetLast(Emit(op, from, attributes));

    /// <summary>Lets an output be a value.</summary>
    public void Set(int output, ReadValue value)
    {
        if (Wants(output))
            Scope.Set(Node.Outputs[output], value);
    }

    public NodeInput Const(Tensor tensor) => Scope.Emitter.Constant(tensor, $"{name}/const");

    /// <summary>A constant list of integers.</summary>
    public NodeInput Ints(params ReadOnlySpan<long> values) => Const(Tensors.Integers(values, Array.TrueForAll(values.ToArray(), value => value is >= int.MinValue and <= int.MaxValue) ? DataType.Int32 : DataType.Int64));

    /// <summary>A constant list of 64-bit integers.</summary>
    public NodeInput Longs(params ReadOnlySpan<long> values) => Const(Tensors.Integers(values));

    /// <summary>A constant scalar.</summary>
    public NodeInput Scalar(DataType type, double value) => Const(Tensors.Scalar(type, value));

    /// <summary>A constant scalar of type int32.</summary>
    public NodeInput Int(long value) => Const(Tensors.Integer(value, DataType.Int32));

    public NodeInput Cast(NodeInput tensor, DataType type) => Scope.Emitter.TypeOf(tensor) == type ? tensor : Emit("Cast", [tensor], ("DstT", type));

    public NodeInput Transpose(NodeInput tensor, params ReadOnlySpan<int> order)
    {
        long[] places = new long[order.Length];
        bool isIdentity = true;
        for (int i = 0; i < places.Length; i++)
        {
            places[i] = order[i];
            isIdentity &= order[i] == i;
        }
        return isIdentity ? tensor : Emit("Transpose", [tensor, Ints(places)]);
    }

    public NodeInput Reshape(NodeInput tensor, params ReadOnlySpan<long> shape) => Emit("Reshape", [tensor, Ints(shape)]);
}
