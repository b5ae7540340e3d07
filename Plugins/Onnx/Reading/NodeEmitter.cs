using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Toolkit.Ops;

namespace TransformFramework.Onnx.Reading;

/// <summary>Collects the nodes of a graph or of a function's body. Type and number attributes follow from the inputs.</summary>
internal sealed class NodeEmitter
{
    private readonly List<Node> nodes = [];
    private readonly HashSet<string> taken = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ImmutableArray<DataType>> types = new(StringComparer.Ordinal);
    private readonly Dictionary<(DataType Type, string Content), NodeInput> small = [];

    /// <summary>Constants that the file stores quantized, by the name of the node with their real values.</summary>
    public Dictionary<string, QuantizedConstant> Stored { get; } = new(StringComparer.Ordinal);

    /// <summary>The nodes in the order in which they were made: producers first.</summary>
    public IReadOnlyList<Node> Nodes => nodes;

    /// <summary>Element type of a tensor.</summary>
    public DataType TypeOf(NodeInput tensor) => types[tensor.Node][tensor.Port];

    /// <summary>A name that graphs allow and nothing else here has.</summary>
    public string Fresh(string wish)
    {
        string clean = Clean(wish);
        string name = clean;
        for (int i = 1; !taken.Add(name); i++)
            name = string.Create(CultureInfo.InvariantCulture, $"{clean}_{i}");
        return name;
    }

    /// <summary>True when a name, made fit for graphs, is free.</summary>
    public bool IsFree(string wish) => !taken.Contains(Clean(wish));

    /// <summary>Adds a placeholder or an argument of the function.</summary>
    public NodeInput Argument(string name, DataType type, Node? node = null)
    {
        types[name] = [type];
        if (node is not null)
            nodes.Add(node);
        return NodeInput.Data(name);
    }

    /// <summary>A constant; small ones are shared.</summary>
    public NodeInput Constant(Tensor value, string name = "const")
    {
        if (value.Type == DataType.String || value.ElementCount > 8)
            return AddConstant(value, name);
        var key = (value.Type, $"{value.Shape}{Convert.ToHexString(value.Bytes.Span)}");
        return small.TryGetValue(key, out NodeInput known) ? known : small[key] = AddConstant(value, name);
    }

    /// <summary>Adds a node and gives its outputs.</summary>
    /// <param name="name">Name that the node gets when it is free.</param>
    /// <param name="op">The op.</param>
    /// <param name="inputs">Its data inputs.</param>
    /// <param name="attributes">Attributes beyond those that follow from the inputs.</param>
    public NodeInput[] Add(string name, string op, ReadOnlySpan<NodeInput> inputs, params ReadOnlySpan<(string Name, AttributeValue Value)> attributes)
    {
        OpDefinition definition = OpTable.Find(op) ?? throw new InvalidOperationException($"the op table has no '{op}'");
        AttributeMap map = AttributeMap.Of(attributes.ToArray());
        int at = 0;
        for (int i = 0; i < definition.Inputs.Length; i++)
        {
            ArgumentDefinition argument = definition.Inputs[i];
            bool isList = argument.NumberAttribute.Length > 0 || argument.TypeListAttribute.Length > 0;
            int count = isList ? inputs.Length - at - (definition.Inputs.Length - i - 1) : 1;
            if (argument.NumberAttribute.Length > 0 && !map.ContainsKey(argument.NumberAttribute))
                map = map.With(argument.NumberAttribute, count);
            if (argument.TypeListAttribute.Length > 0)
                map = map.With(argument.TypeListAttribute, AttributeValue.Types(TypesOf(inputs.Slice(at, count))));
            else if (argument.TypeAttribute.Length > 0 && count > 0 && !map.ContainsKey(argument.TypeAttribute))
                map = map.With(argument.TypeAttribute, TypeOf(inputs[at]));
            at += count;
        }
        var node = new Node(Fresh(name), op, [.. inputs], map);
        nodes.Add(node);
        types[node.Name] = OpTypes.OutputTypes(OpDefaults.Complete(node), definition);
        NodeInput[] outputs = new NodeInput[types[node.Name].Length];
        for (int port = 0; port < outputs.Length; port++)
            outputs[port] = NodeInput.Data(node.Name, port);
        return outputs;
    }

    /// <summary>The nodes that the given tensors need.</summary>
    public ImmutableArray<Node> Needed(IEnumerable<NodeInput> results)
    {
        HashSet<string> needed = [.. results.Select(result => result.Node)];
        var kept = new Stack<Node>();
        for (int i = nodes.Count - 1; i >= 0; i--)
        {
            if (nodes[i].Op != "Placeholder" && !needed.Contains(nodes[i].Name))
                continue;
            needed.UnionWith(nodes[i].Inputs.Select(input => input.Node));
            kept.Push(nodes[i]);
        }
        return [.. kept];
    }

    /// <summary>A name in the letters that graphs allow: letters, digits, <c>_ . - / \ &gt;</c>, the first a letter, digit or dot.</summary>
    public static string Clean(string wish)
    {
        var name = new StringBuilder(wish.Length);
        foreach (char letter in wish)
        {
            bool isAllowed = char.IsAsciiLetterOrDigit(letter) || letter == '.' || (name.Length > 0 && letter is '_' or '-' or '/' or '\\' or '>');
            if (isAllowed)
                name.Append(letter);
            else if (name.Length > 0)
                name.Append('_');
        }
        return name.Length == 0 ? "tensor" : name.ToString();
    }

    private DataType[] TypesOf(ReadOnlySpan<NodeInput> inputs)
    {
        var found = new DataType[inputs.Length];
        for (int i = 0; i < found.Length; i++)
            found[i] = TypeOf(inputs[i]);
        return found;
    }

    private NodeInput AddConstant(Tensor value, string name)
    {
        string fresh = Fresh(name);
        nodes.Add(Node.Constant(fresh, value));
        types[fresh] = [value.Type];
        return NodeInput.Data(fresh);
    }
}
