using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Graphs;

namespace TransformFramework.TfLite.Reading;

/// <summary>Nodes of a graph, or of a function's body, that are being made.</summary>
internal sealed class GraphDraft
{
    private readonly List<NodeDraft> nodes = [];
    private readonly Dictionary<string, Value> shared = new(StringComparer.Ordinal);

    /// <summary>What nodes are named after that get none of their own: the tensor that is being computed.</summary>
    public string Scope { get; set; } = "";

    /// <summary>The last node with a side effect; the next one runs after it.</summary>
    public NodeDraft? LastStateful { get; set; }

    /// <summary>Adds a node; type attributes come from its inputs.</summary>
    public NodeDraft Add(string op, ImmutableArray<Value> inputs, params IEnumerable<(string Name, AttributeValue Value)> attributes) =>
        Add(NodeDraft.Of(op, inputs, attributes));

    /// <summary>Adds a node that runs after the last one with a side effect.</summary>
    public NodeDraft AddStateful(string op, ImmutableArray<Value> inputs, params IEnumerable<(string Name, AttributeValue Value)> attributes)
    {
        ImmutableArray<NodeDraft> controls = LastStateful is null ? [] : [LastStateful];
        return LastStateful = Add(NodeDraft.Of(op, inputs, attributes, controls));
    }

    /// <summary>Adds a node.</summary>
    public NodeDraft Add(NodeDraft node)
    {
        if (!node.IsNamed)
            node.Name = node.Name.Length > 0 ? node.Name : Scope.Length == 0 ? node.Op : $"{Scope}/{node.Op}";
        nodes.Add(node);
        return node;
    }

    /// <summary>A constant. Small ones of equal contents are one node.</summary>
    public Value Constant(Tensor tensor, string name = "")
    {
        const int WorthSharing = 64;
        string key = name.Length == 0 && tensor.Type != DataType.String && tensor.ElementCount <= WorthSharing ? $"{tensor.Type} {tensor.Shape} {Convert.ToHexString(tensor.Bytes.Span)}" : "";
        if (key.Length > 0 && shared.TryGetValue(key, out Value known))
            return known;
        var node = new NodeDraft("Const", [], AttributeMap.Of(("dtype", tensor.Type), ("value", tensor)), [], [tensor.Type]) { Name = name.Length > 0 ? name : "const" };
        var value = new Value(Add(node));
        if (key.Length > 0)
            shared[key] = value;
        return value;
    }

    public Value Constant(float value) => Constant(Tensor.Scalar(value));

    public Value Constant(int value) => Constant(Tensor.Scalar(value));

    /// <summary>A constant vector of int32.</summary>
    public Value Integers(params ReadOnlySpan<int> values) => Constant(Tensor.Create(DataType.Int32, TensorShape.Of(values.Length), values));

    /// <summary>Gives every node its name and builds the nodes that the results and side effects need.</summary>
    /// <param name="results">Values that must be there.</param>
    /// <param name="reference">How an input is spelt.</param>
    public ImmutableArray<Node> Build(IEnumerable<Value> results, Func<Value, string> reference)
    {
        var needed = Needed(results);
        GiveNames(needed);
        return [.. nodes.Where(node => needed.Contains(node) && node.Op != FunctionArgument).Select(node => new Node(node.Name, node.Op,
            [.. node.Inputs.Select(input => new NodeInput(reference(input))), .. node.Controls.Select(control => NodeInput.Control(control.Name))], node.Attributes))];
    }

    /// <summary>Op of drafts that are arguments of a function.</summary>
    public const string FunctionArgument = "_Arg";

    private HashSet<NodeDraft> Needed(IEnumerable<Value> results)
    {
        var needed = new HashSet<NodeDraft>(ReferenceEqualityComparer.Instance as IEqualityComparer<NodeDraft>);
        var open = new Stack<NodeDraft>(results.Select(result => result.Node));
        foreach (NodeDraft node in nodes.Where(node => node.Op is "Placeholder" or FunctionArgument || node.Op == "AssignVariableOp"))
            open.Push(node);
        while (open.TryPop(out NodeDraft? node))
        {
            if (!needed.Add(node))
                continue;
            foreach (Value input in node.Inputs)
                open.Push(input.Node);
            foreach (NodeDraft control in node.Controls)
                open.Push(control);
        }
        return needed;
    }

    private void GiveNames(HashSet<NodeDraft> needed)
    {
        var taken = new HashSet<string>(nodes.Where(node => node.IsNamed).Select(node => node.Name), StringComparer.Ordinal);
        var next = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (NodeDraft node in nodes.Where(node => !node.IsNamed && needed.Contains(node)))
        {
            string name = node.Name;
            while (!taken.Add(name))
            {
                int number = next[node.Name] = next.GetValueOrDefault(node.Name) + 1;
                name = string.Create(CultureInfo.InvariantCulture, $"{node.Name}_{number}");
            }
            node.Name = name;
            node.IsNamed = true;
        }
    }
}
