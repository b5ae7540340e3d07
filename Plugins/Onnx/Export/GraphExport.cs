using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Onnx.Forms;
using TransformFramework.Onnx.Model;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Ops;

namespace TransformFramework.Onnx.Export;

/// <summary>Translates a graph node by node. Each tensor is kept in the layout in which it is computed; a transposition is put in where another one is read.</summary>
internal sealed class GraphExport
{
    private static readonly long[] ToChannelsFirst = [0, 3, 1, 2];
    private static readonly long[] ToChannelsLast = [0, 2, 3, 1];

    private readonly ExportedModel model = new();
    private readonly Dictionary<string, ExportedValue> values = new(StringComparer.Ordinal);
    private readonly HashSet<string> taken = new(StringComparer.Ordinal);

    private GraphExport()
    {
    }

    /// <summary>The ONNX graph of what the outputs need.</summary>
    /// <exception cref="ModelFormatException">A node has no form in ONNX, or does not exist.</exception>
    public static ExportedModel Run(Graph graph, IReadOnlyList<string> inputs, IReadOnlyList<string> outputs)
    {
        var export = new GraphExport();
        export.taken.UnionWith(graph.Nodes.Select(node => node.Name));
        foreach (string input in inputs)
            export.AddInput(graph, input);
        foreach (Node node in Needed(graph, inputs, outputs))
            export.Translate(node);
        foreach (string output in outputs)
            export.AddOutput(graph, output);
        return export.model;
    }

    /// <summary>What an input of a node reads.</summary>
    /// <exception cref="ModelFormatException">Nothing gives it.</exception>
    public ExportedValue this[NodeInput input] => values.GetValueOrDefault(input.Canonical)
        ?? throw new ModelFormatException($"'{input.Text}' is read, but no node of the model gives it") { DiagnosticId = "TFX4101" };

    /// <summary>The name of a tensor in a layout; a transposition is added when it is not there yet.</summary>
    public string Read(NodeInput input, Layout layout = Layout.Original)
    {
        ExportedValue value = this[input];
        if (value[layout] is { } name)
            return name;
        if (value.Constant is { } constant)
            return value[layout] = layout == Layout.Original ? Constant(constant) : Constant(Constants.ToChannelsFirst(constant));
        Layout other = layout == Layout.Original ? Layout.ChannelsFirst : Layout.Original;
        string transposed = layout == Layout.Original ? NameOf(input) : Fresh($"{input.Node}/channels_first");
        Add("Transpose", [value[other]!], transposed, ("perm", layout == Layout.Original ? ToChannelsLast : ToChannelsFirst));
        return value[layout] = transposed;
    }

    /// <summary>Names the tensor that a node computes.</summary>
    /// <param name="node">The node.</param>
    /// <param name="port">Its output.</param>
    /// <param name="layout">The layout that it has.</param>
    /// <param name="rank">Number of dimensions, or -1.</param>
    /// <param name="standsForNumbers">True when the tensor holds the numbers that the graph has codes for.</param>
    public string Define(Node node, int port = 0, Layout layout = Layout.Original, int rank = -1, bool standsForNumbers = false)
    {
        NodeInput reference = NodeInput.Data(node.Name, port);
        string name = layout == Layout.Original ? NameOf(reference) : Fresh($"{node.Name}/channels_first");
        values[reference.Canonical] = new() { Native = layout, Rank = layout == Layout.ChannelsFirst ? 4 : rank, StandsForNumbers = standsForNumbers, [layout] = name };
        return name;
    }

    /// <summary>Lets the output of a node be a tensor that there is already.</summary>
    public void Alias(Node node, ExportedValue value, int port = 0) => values[NodeInput.Data(node.Name, port).Canonical] = value;

    /// <summary>Gives a node a constant output.</summary>
    public void DefineConstant(Node node, Tensor constant, int port = 0) =>
        values[NodeInput.Data(node.Name, port).Canonical] = new() { Constant = constant, Rank = constant.Shape.Rank };

    /// <summary>Adds an ONNX node with one output.</summary>
    public void Add(string op, IReadOnlyList<string> inputs, string output, params (string Name, object Value)[] attributes) =>
        model.Nodes.Add(new(op, Fresh($"{output}/{op}"), inputs, [output], [.. attributes.Select(attribute => new ExportedAttribute(attribute.Name, attribute.Value))]));

    /// <summary>Adds an ONNX node with several outputs.</summary>
    public void Add(string op, IReadOnlyList<string> inputs, IReadOnlyList<string> outputs, params (string Name, object Value)[] attributes) =>
        model.Nodes.Add(new(op, Fresh($"{outputs[0]}/{op}"), inputs, outputs, [.. attributes.Select(attribute => new ExportedAttribute(attribute.Name, attribute.Value))]));

    /// <summary>A constant of the ONNX graph.</summary>
    public string Constant(Tensor tensor, string name = "constant")
    {
        if (!ExportedModel.Has(tensor.Type) || !tensor.IsDecodable)
            throw new ModelFormatException($"ONNX has no constants of type {tensor.Type.Name()}") { DiagnosticId = "TFX4102" };
        string fresh = Fresh(name);
        model.Constants.Add(new(fresh, tensor.Type, [.. tensor.Shape.Dimensions], tensor.Bytes));
        return fresh;
    }

    /// <summary>A constant list of integers, as shapes and axes are.</summary>
    public string Integers(params ReadOnlySpan<long> values) => Constant(Tensor.FromContent(DataType.Int64, TensorShape.Of(values.Length), MemoryMarshal.AsBytes(values).ToArray()));

    /// <summary>A constant float scalar.</summary>
    public string Number(float value) => Constant(Tensor.Scalar(value));

    /// <summary>The code 0 of a type, for each of some channels when there are several.</summary>
    public string ZeroPoint(DataType type, int channels = 1) =>
        Constant(Tensor.FromContent(type, channels == 1 ? TensorShape.Scalar : TensorShape.Of(channels), new byte[channels * type.Size()]));

    /// <summary>A name that nothing else has.</summary>
    public string Fresh(string wish)
    {
        string name = wish;
        for (int i = 1; !taken.Add(name); i++)
            name = string.Create(CultureInfo.InvariantCulture, $"{wish}_{i}");
        return name;
    }

    private static IEnumerable<Node> Needed(Graph graph, IReadOnlyList<string> inputs, IReadOnlyList<string> outputs)
    {
        HashSet<string> given = [.. inputs.Select(input => new NodeInput(input).Node)];
        var needed = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(outputs.Select(output => new NodeInput(output).Node));
        while (open.TryPop(out string? name))
        {
            if (given.Contains(name) || !needed.Add(name) || !graph.TryFind(name, out Node? node))
                continue;
            foreach (NodeInput input in node.DataInputs)
                open.Push(input.Node);
        }
        return ExecutionOrder.Sort(graph).Nodes.Where(node => needed.Contains(node.Name));
    }

    private void AddInput(Graph graph, string input)
    {
        var reference = new NodeInput(input);
        Node node = graph.Find(reference.Node) ?? throw new ModelFormatException($"input '{input}' does not exist") { DiagnosticId = "TFX4101" };
        DataType type = node.TypeAttribute("dtype") ?? node.TypeAttribute("T") ?? DataType.Float;
        TensorShape shape = node.Attributes.TryGetValue("shape", out var value) && value is ShapeValue given ? given.Value : TensorShape.Unknown;
        string name = NameOf(reference);
        values[reference.Canonical] = new() { Rank = shape.Rank, [Layout.Original] = name };
        model.Inputs.Add(new(name, type, shape));
    }

    private void Translate(Node node)
    {
        if (node.Op == "NoOp")
            return;
        IOnnxForm form = OnnxForms.Find(node.Op) ?? throw Refused(node, "ONNX has no form for it here");
        try
        {
            form.Write(OpDefaults.Complete(node), this);
        }
        catch (ModelFormatException error) when (error.DiagnosticId != "TFX4103")
        {
            throw Refused(node, error.Message);
        }
    }

    private static ModelFormatException Refused(Node node, string why) => new($"node '{node.Name}' ({node.Op}): {why}")
    {
        DiagnosticId = "TFX4103",
        Suggestion = "Name outputs before it, or transform the graph so that it is gone (strip_unused_nodes, fold_constants, remove_nodes).",
    };

    private void AddOutput(Graph graph, string output)
    {
        var reference = new NodeInput(output);
        string name = NameOf(reference);
        string computed = Read(reference);
        if (computed != name || model.Inputs.Exists(input => input.Name == computed))
        {
            name = computed == name ? Fresh($"{name}/output") : name;
            Add("Identity", [computed], name);
        }
        DataType type = graph.Find(reference.Node) is { } node && OpTable.Find(node.Op) is { } definition ? OutputType(OpDefaults.Complete(node), definition, reference.Port) : DataType.Float;
        model.Outputs.Add(new(name, type, TensorShape.Unknown));
    }

    private static DataType OutputType(Node node, OpDefinition definition, int port)
    {
        ImmutableArray<DataType> types = OpTypes.OutputTypes(node, definition);
        return port < types.Length && ExportedModel.Has(types[port]) ? types[port] : DataType.Float;
    }

    /// <summary>A tensor's name in the graph, which the ONNX graph keeps where the layout is the graph's.</summary>
    private static string NameOf(NodeInput reference) => reference.Port == 0 ? reference.Node : reference.Canonical;
}
