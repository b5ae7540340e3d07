using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Toolkit.Ops.Releases;
using TransformFramework.Toolkit.Patterns;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Structure.Downgrade;

/// <summary>A node to rewrite: what is known of it, and the nodes that replace it. Made nodes are named below the node; the last one takes its name.</summary>
internal sealed class DowngradeSite(GraphFacts facts, Node node, TensorFlowRelease target, TransformContext context)
{
    private readonly List<Node> made = [];
    private readonly Dictionary<string, Node> byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NodeInput> redirected = new(StringComparer.Ordinal);

    public Node Node => node;

    public Graph Graph => facts.Graph;

    public TensorFlowRelease Target => target;

    /// <summary>The data inputs.</summary>
    public ImmutableArray<NodeInput> Inputs { get; } = [.. node.DataInputs];

    public bool IsReplaced { get; private set; }

    /// <summary>What replaces the node.</summary>
    public IEnumerable<Node> Nodes => made;

    /// <summary>What readers of outputs beyond the first read instead.</summary>
    public IReadOnlyDictionary<string, NodeInput> Redirected => redirected;

    /// <summary>Says why the node is not rewritten.</summary>
    public Decline Decline(string reason) => new(reason, node);

    public DataType Type(NodeInput input)
    {
        if (!byName.TryGetValue(input.Node, out var maker))
            return facts.TypeOf(input);
        var types = OpTypes.OutputTypes(maker, OpTable.Find(maker.Op)!);
        return types[input.Port].Base();
    }

    /// <summary>The shape of a tensor of the graph, as far as it is known; of a made one only when it is a constant.</summary>
    public TensorShape Shape(NodeInput input) =>
        byName.TryGetValue(input.Node, out var maker) ? maker.TensorAttribute("value")?.Shape ?? TensorShape.Unknown : facts.ShapeOf(input);

    public Tensor? Constant(NodeInput input) => byName.TryGetValue(input.Node, out var maker) ? maker.TensorAttribute("value") : facts.Constant(input);

    /// <summary>The integers of a constant, or null.</summary>
    public long[]? Integers(NodeInput input) => Constant(input) switch
    {
        { Type: DataType.Int32 } tensor => [.. tensor.AsSpan<int>().ToArray().Select(value => (long)value)],
        { Type: DataType.Int64 } tensor => tensor.AsSpan<long>().ToArray(),
        { Type: DataType.Int16 } tensor => [.. tensor.AsSpan<short>().ToArray().Select(value => (long)value)],
        _ => null,
    };

    /// <summary>True when something reads an output of the node.</summary>
    public bool IsRead(int port) => Graph.ConsumersOf(node).Any(consumer => consumer.Node.Inputs[consumer.Input] is { IsControl: false } input && input.Port == port)
        || context.OutputNames.Any(output => new NodeInput(output) is var listed && listed.Node == node.Name && listed.Port == port);

    /// <summary>Adds a node; its attributes <c>T</c> and the like are given, those with defaults are left out.</summary>
    public NodeInput Add(string op, ReadOnlySpan<NodeInput> inputs, params ReadOnlySpan<(string Name, AttributeValue Value)> attributes)
    {
        string name = Free(op.TrimStart('_'));
        var added = new Node(name, op, [.. inputs], AttributeMap.Of(attributes.ToArray()), node.Device);
        made.Add(added);
        byName.Add(name, added);
        return name;
    }

    /// <summary>Adds a constant. In a loop it waits for an input of the node, so that it belongs to the loop.</summary>
    public NodeInput Const(Tensor value)
    {
        string name = Free("Const");
        Node constant = Node.Constant(name, value);
        if (facts.IsInLoop(node.Name) && Inputs.Length > 0)
            constant = constant with { Inputs = [NodeInput.Control(Inputs[0].Node)] };
        made.Add(constant);
        byName.Add(name, constant);
        return name;
    }

    /// <summary>The node with another op, other inputs or attributes in its place: its outputs keep their numbers.</summary>
    public Decline? Become(Node replacement)
    {
        made.Add(replacement with { Name = node.Name, Inputs = [.. replacement.DataInputs, .. node.ControlInputs] });
        IsReplaced = true;
        return null;
    }

    /// <summary>Replaces the node by tensors, one for each of its outputs that is read.</summary>
    public Decline? Replace(params ReadOnlySpan<NodeInput> results)
    {
        for (int port = 1; port < results.Length; port++)
        {
            if (IsRead(port))
                redirected[string.Create(CultureInfo.InvariantCulture, $"{node.Name}:{port}")] = results[port];
        }
        Node? last = byName.GetValueOrDefault(results[0].Node);
        bool takesName = last is not null && results[0].Port == 0 && OpTable.Find(last.Op)?.Outputs is [{ NumberAttribute: "", TypeListAttribute: "" }];
        if (takesName)
            Rename(last!, node.Name);
        else
            made.Add(new Node(node.Name, "Identity", results[0]).With("T", Type(results[0])));
        if (context.OutputNames.Any(output => new NodeInput(output) is { Port: > 0 } listed && listed.Node == node.Name))
            return Decline("an output beyond its first is one of the graph's");
        WaitForControls();
        IsReplaced = true;
        return null;
    }

    private void Rename(Node last, string name)
    {
        string old = last.Name;
        for (int i = 0; i < made.Count; i++)
        {
            if (made[i].Name == old)
                made[i] = made[i] with { Name = name };
            else if (made[i].Inputs.Any(input => input.Node == old))
                made[i] = made[i] with { Inputs = [.. made[i].Inputs.Select(input => input.Node == old ? input.WithNode(name) : input)] };
        }
        foreach (var (port, result) in redirected.Where(entry => entry.Value.Node == old).ToArray())
            redirected[port] = result.WithNode(name);
    }

    /// <summary>What the node waited for, the made nodes wait for: those that read no other made node.</summary>
    private void WaitForControls()
    {
        NodeInput[] controls = [.. node.ControlInputs];
        if (controls.Length == 0)
            return;
        var names = made.Select(other => other.Name).ToHashSet(StringComparer.Ordinal);
        for (int i = 0; i < made.Count; i++)
        {
            if (!made[i].DataInputs.Any(input => names.Contains(input.Node)))
                made[i] = made[i] with { Inputs = [.. made[i].Inputs, .. controls.Where(control => !made[i].Inputs.Contains(control))] };
        }
    }

    private string Free(string ending)
    {
        string name = Graph.FreeName($"{node.Name}/{ending}");
        for (int i = 1; byName.ContainsKey(name); i++)
            name = Graph.FreeName($"{node.Name}/{ending}_{i}");
        return name;
    }
}
