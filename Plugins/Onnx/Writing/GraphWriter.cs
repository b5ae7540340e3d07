using System.Globalization;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Model;
using TransformFramework.Toolkit.Graphs;
using TransformFramework.Toolkit.Ops;

namespace TransformFramework.Onnx.Writing;

/// <summary>Writes the nodes of a graph, or of a body in it, as an ONNX graph. What every node gives is inferred as it is added, so that nothing invalid is written.</summary>
internal sealed class GraphWriter
{
    private readonly Dictionary<string, WrittenValue> values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Operand> shared = new(StringComparer.Ordinal);

    /// <summary>Names that tensors get, by those that nodes still have, and the other way round.</summary>
    private readonly Dictionary<string, string> newNames = new(StringComparer.Ordinal), formerNames = new(StringComparer.Ordinal);

    /// <param name="context">What all graphs of the model share.</param>
    /// <param name="graph">The graph that is written.</param>
    /// <param name="outer">The writer of the graph around it.</param>
    /// <param name="target">Where the nodes go; null for a graph of its own.</param>
    public GraphWriter(WriteContext context, Graph graph, GraphWriter? outer = null, OnnxGraph? target = null)
    {
        Context = context;
        Graph = graph;
        Outer = outer;
        Target = target ?? new OnnxGraph { Name = outer is null ? "graph" : "body" };
    }

    public WriteContext Context { get; }

    /// <summary>The graph that is written.</summary>
    public Graph Graph { get; }

    /// <summary>The writer of the graph around this body.</summary>
    public GraphWriter? Outer { get; }

    /// <summary>The ONNX graph that nodes are added to.</summary>
    public OnnxGraph Target { get; }

    /// <summary>Constants live in the model's own graph.</summary>
    private GraphWriter Root => Outer?.Root ?? this;

    /// <summary>Lets a tensor of the graph be a value.</summary>
    public void Bind(NodeInput tensor, WrittenValue value)
    {
        value.Owner ??= Target;
        values[tensor.Canonical] = value;
    }

    public bool IsBound(NodeInput tensor) => values.ContainsKey(tensor.Canonical);

    /// <summary>What a tensor of the graph is here.</summary>
    public WrittenValue this[NodeInput tensor] => Find(tensor)
        ?? throw new ModelFormatException($"'{tensor.Text}' is read, but no node of the model gives it") { DiagnosticId = OnnxDiagnostics.Missing.Id };

    /// <summary>The tensor that a node reads first and gives as it is, under the name of this one; null when the node computes this one.</summary>
    public NodeInput? Alias(NodeInput tensor) =>
        Graph.Find(tensor.Node) is { Inputs: [{ IsControl: false } source, ..] } && ReferenceEquals(Find(source)?.Operand, this[tensor].Operand) ? source : default(NodeInput?);

    private WrittenValue? Find(NodeInput tensor) => values.TryGetValue(tensor.Canonical, out WrittenValue? value) ? value : ReferenceEquals(Outer?.Graph, Graph) ? Outer?.Find(tensor) : null;

    /// <summary>Writes what the tensors need, as far as it is not there yet.</summary>
    public void Write(IEnumerable<NodeInput> targets)
    {
        foreach (Node node in WriteOrder.Of(this, targets))
        {
            Context.Cancellation.ThrowIfCancellationRequested();
            if (Outer is null)
                Context.Current = node;
            Translate(node);
        }
    }

    private void Translate(Node node)
    {
        try
        {
            Context.Calls.Count();
            if (!OpWriters.ByOp.TryGetValue(node.Op, out Action<NodeWriter>? write))
                throw OnnxDiagnostics.Decline(Refusals.ReasonOf(node.Op));
            write(new NodeWriter(this, OpDefaults.Complete(node)));
        }
        catch (ModelFormatException error) when (OnnxDiagnostics.IsAboutNode(error))
        {
            throw Refusals.Of(node, error);
        }
        catch (Exception error) when (NodeFault.IsOne(error))
        {
            throw Refusals.Of(node, OnnxDiagnostics.Decline(NodeFault.Reason(error)));
        }
    }

    /// <summary>Adds a node; what is constant is computed instead.</summary>
    /// <param name="wish">Wish for the name of the first output.</param>
    /// <param name="op">The operator.</param>
    /// <param name="inputs">What it reads; null where an optional input is left out.</param>
    /// <param name="count">Number of outputs.</param>
    /// <param name="attributes">Its attributes.</param>
    /// <param name="domain">Its domain.</param>
    public Operand[] Add(string wish, string op, IReadOnlyList<Operand?> inputs, int count, IReadOnlyDictionary<string, object> attributes, string domain = "")
    {
        if (domain.Length == 0 && NarrowTypes.Of(op, Context.Opset, inputs) is var (wide, place))
            return AddWide(wish, op, inputs, count, attributes, wide, place);
        var node = new OnnxNode(op, "", [], new string[count], attributes) { Domain = domain };
        IReadOnlyList<ValueInfo?> infos = ShapeInference.Infer(node, domain.Length == 0 ? Context.Opset : 1, [.. inputs.Select(input => input?.Info)]);
        if (infos.All(info => info?.Constant is not null))
            return [.. infos.Select(info => new Operand(info!))];
        return Add(wish, node, inputs, [.. infos.Select(info => info ?? throw OnnxDiagnostics.Decline($"the operator {op} has no shape rule"))]);
    }

    /// <summary>Adds a node that computes in a wider type than the one of its inputs from the given one on.</summary>
    private Operand[] AddWide(string wish, string op, IReadOnlyList<Operand?> inputs, int count, IReadOnlyDictionary<string, object> attributes, DataType wide, int first)
    {
        DataType narrow = inputs[first]!.Info.Type;
        Operand Cast(Operand operand, DataType type) => Add(wish, "Cast", [operand], 1, new Dictionary<string, object> { ["to"] = (long)ElementTypes.Of(type) })[0];
        Operand[] results = Add(wish, op, [.. inputs.Select((input, i) => i >= first && input is not null && input.Info.Type == narrow ? Cast(input, wide) : input)], count, attributes);
        return Array.ConvertAll(results, result => result.Info.Type == wide ? Cast(result, narrow) : result);
    }

    /// <summary>Adds a node whose outputs the caller names.</summary>
    public Operand[] Add(string wish, OnnxNode node, IReadOnlyList<Operand?> inputs, IReadOnlyList<ValueInfo> infos)
    {
        if (node.Domain.Length == 0 && Opsets.FirstOf(node.Op) is var first && first > Context.Opset)
            throw OnnxDiagnostics.Decline($"the operator {node.Op} needs opset {first}");
        Context.UsesMicrosoftDomain |= node.Domain == Opsets.MicrosoftDomain;
        string[] read = [.. inputs.Select(input => input is null ? "" : NameOf(input))];
        int end = read.Length;
        while (end > 0 && read[end - 1].Length == 0)
            end--;
        string[] names = new string[infos.Count];
        for (int i = 0; i < names.Length; i++)
            names[i] = Context.Fresh(i == 0 ? wish : string.Create(CultureInfo.InvariantCulture, $"{wish}:{i}"));
        Target.Nodes.Add(node with { Name = Context.FreshNode($"{names[0]}/{node.Op}"), Inputs = read[..end], Outputs = names });
        int place = Target.Nodes.Count - 1;
        Operand[] outputs = [.. infos.Select((info, i) => new Operand(info with { Constant = null }, names[i]) { Producer = place })];
        foreach (Operand output in outputs)
            Context.Operands[output.Name!] = output;
        return outputs;
    }

    /// <summary>The name by which nodes read an operand; a constant is put into the model at the first reading.</summary>
    public string NameOf(Operand operand)
    {
        if (operand.Name is { } known)
            return known;
        if (operand.Quantized is { } quantized)
            return NameOf(operand, quantized);
        Tensor constant = operand.Info.Constant ?? throw new InvalidOperationException("an operand without name or contents");
        if (ElementTypes.Of(constant.Type) == 0 || !constant.IsDecodable)
            throw OnnxDiagnostics.Decline($"ONNX has no constants of type {constant.Type.Name()}");
        string key = constant.Type != DataType.String && constant.Bytes.Length <= 64 ? $"{ElementTypes.Of(constant.Type)}{constant.Shape}{Convert.ToHexString(constant.Bytes.Span)}" : "";
        if (key.Length > 0 && Root.shared.TryGetValue(key, out Operand? same))
            return operand.Name = same.Name!;
        operand.Name = Context.Fresh("const");
        Root.Target.Initializers.Add(new(operand.Name, constant));
        Context.Constants[operand.Name] = constant;
        if (key.Length > 0)
            Root.shared[key] = operand;
        return operand.Name;
    }

    /// <summary>
    /// The name of a constant that is stored quantized, behind the node that dequantizes it, which lives in the model's own graph: so loops dequantize once. The axis of a matrix is counted from the
    /// end, and it has a scale for each column: what ONNX Runtime fuses otherwise rounds the other factor to 8 bits, too, and fails in bodies of loops.
    /// </summary>
    private string NameOf(Operand operand, QuantizedConstant quantized)
    {
        QuantizedConstant stored = quantized.Values.Shape.Rank == 2 && quantized.Axis < 0 ? quantized.OfColumns() : quantized;
        TensorShape shape = stored.Axis < 0 ? TensorShape.Scalar : TensorShape.Of(stored.Scales.Length);
        Operand[] inputs =
        [
            new(ValueInfo.Of(stored.Values)), new(ValueInfo.Of(Tensor.Create<float>(DataType.Float, shape, stored.Scales))),
            new(ValueInfo.Of(Tensors.Integers(stored.Values.Type, shape, stored.ZeroPoints))),
        ];
        var attributes = new Dictionary<string, object>();
        if (stored.Axis >= 0)
            attributes["axis"] = (long)(stored.Values.Shape.Rank == 2 ? stored.Axis - 2 : stored.Axis);
        return operand.Name = Root.Add("weights", new OnnxNode("DequantizeLinear", "", [], [], attributes), inputs, [operand.Info with { Constant = null }])[0].Name!;
    }

    /// <summary>True when a node of this very graph computes the operand.</summary>
    public bool Computes(Operand operand) => operand.Name is { } name && operand.Producer >= 0 && operand.Producer < Target.Nodes.Count && Target.Nodes[operand.Producer].Outputs.Contains(formerNames.GetValueOrDefault(name, name), StringComparer.Ordinal);

    /// <summary>Gives a tensor that a node of this graph computes another name; nodes have it when all names are complete.</summary>
    public void Rename(string old, string name)
    {
        Operand operand = Context.Operands[old];
        operand.Name = name;
        Context.Operands[name] = operand;
        newNames[old] = name;
        formerNames[name] = old;
    }

    /// <summary>Brings the names that tensors were given to the nodes.</summary>
    public void CompleteNames()
    {
        string Renamed(string each) => newNames.GetValueOrDefault(each, each);
        OnnxNode Change(OnnxNode node) => node with
        {
            Inputs = [.. node.Inputs.Select(Renamed)],
            Outputs = [.. node.Outputs.Select(Renamed)],
            Attributes = node.Attributes.Values.OfType<OnnxGraph>().Any()
                ? node.Attributes.ToDictionary(attribute => attribute.Key, attribute => attribute.Value is OnnxGraph body ? Body(body) : attribute.Value, StringComparer.Ordinal)
                : node.Attributes,
        };
        OnnxGraph Body(OnnxGraph body)
        {
            for (int i = 0; i < body.Nodes.Count; i++)
                body.Nodes[i] = Change(body.Nodes[i]);
            for (int i = 0; i < body.Outputs.Count; i++)
                body.Outputs[i] = body.Outputs[i] with { Name = Renamed(body.Outputs[i].Name) };
            return body;
        }
        Body(Target);
        newNames.Clear();
        formerNames.Clear();
    }

    /// <summary>Adds a copy of an operand under a name.</summary>
    public void AddCopy(Operand operand, string name)
    {
        Target.Nodes.Add(new OnnxNode("Identity", Context.FreshNode($"{name}/Identity"), [NameOf(operand)], [name], new Dictionary<string, object>()));
        Context.Operands[name] = new(operand.Info, name) { Producer = Target.Nodes.Count - 1 };
    }

    /// <summary>The operand of a name that a node reads.</summary>
    public Operand OperandOf(string name, Tensor? constant = null) => (constant ?? Context.Constant(name)) is { } known ? new(ValueInfo.Of(known), name) : Context.Operands[name];

    /// <summary>What a Reshape of this graph that computes an operand reads; null when it is computed otherwise.</summary>
    public Operand? SourceOfReshape(Operand operand) => Computes(operand) && Target.Nodes[operand.Producer] is { Op: "Reshape" } reshape ? OperandOf(reshape.Inputs[0]) : null;

    /// <summary>Puts a node in the place of the one that computes an operand.</summary>
    public Operand Replace(Operand operand, string wish, OnnxNode node, IReadOnlyList<Operand?> inputs)
    {
        int place = operand.Producer;
        Operand result = Add(wish, node, inputs, [operand.Info])[0];
        OnnxNode added = Target.Nodes[^1];
        Target.Nodes.RemoveAt(Target.Nodes.Count - 1);
        Target.Nodes[place] = added;
        Operand moved = new(result.Info, result.Name) { Producer = place };
        Context.Operands[result.Name!] = moved;
        return moved;
    }

    /// <summary>Dimensions in another order. Where only dimensions of 1 move, that is another shape for the same elements.</summary>
    /// <param name="wish">Wish for the name.</param>
    /// <param name="operand">The tensor.</param>
    /// <param name="order">For each dimension of the result, the one that it was.</param>
    public Operand Transpose(string wish, Operand operand, long[] order)
    {
        TensorShape shape = operand.Info.Shape;
        bool isPlain = shape.Rank == order.Length && operand.Info.Constant is null && shape.Dimensions.Count(dimension => dimension < 0) <= 1
            && order.Where(axis => shape[(int)axis] != 1) is var moved && moved.SequenceEqual(moved.Order());
        if (!isPlain)
            return Add(wish, "Transpose", [operand], 1, new Dictionary<string, object> { ["perm"] = order })[0];
        long[] dimensions = [.. order.Select(axis => shape[(int)axis])];
        return Add(wish, "Reshape", [SourceOfReshape(operand) ?? operand, new Operand(ValueInfo.Of(Tensors.Integers(dimensions)))], 1, new Dictionary<string, object>())[0];
    }

    /// <summary>A value with channels last that is computed with channels first.</summary>
    public Operand Transposed(WrittenValue value) => Transpose("channels_last", value.Operand, [0, 2, 3, 1]);

    /// <summary>A tensor in a layout; a transposition is added when it is not there yet.</summary>
    public Operand Read(NodeInput tensor, Layout layout)
    {
        WrittenValue value = this[tensor];
        if (value[layout] is { } known)
            return known;
        if (value.IsAccumulator && layout == Layout.Original && value.Operand.Info.Rank != 4)
            return value.Operand;
        long[] order = layout == Layout.Original ? [0, 2, 3, 1] : [0, 3, 1, 2];
        if (value.Operand.Info.Rank is not (4 or -1))
            throw OnnxDiagnostics.Decline($"'{tensor.Text}' must be an image of rank 4");
        bool isOwn = ReferenceEquals(value.Owner, Target);
        Operand transposed = Transpose($"{tensor.Node}/{(layout == Layout.Original ? "channels_last" : "channels_first")}", value.Operand, order);
        if (isOwn)
            value[layout] = transposed;
        return transposed;
    }
}
