using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Functions;
using TransformFramework.Toolkit.Graphs;

namespace TransformFramework.Toolkit.Simplification;

/// <summary>
/// Drops what never runs or does nothing because a value is constant: the sides of Switch that a constant predicate does not take with all that depends on them, branches of If and Case, sides of
/// Select, dropout that keeps everything. A Merge with one living input becomes an Identity.
/// </summary>
public sealed class DeadBranches
{
    private readonly Graph graph;
    private readonly Lazy<IReadOnlyDictionary<string, TensorShape[]>> shapes;
    private readonly ScalarValues values;
    private readonly HashSet<string> dead = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NodeInput> aliases = new(StringComparer.Ordinal);

    private DeadBranches(Graph graph, Func<Graph, IReadOnlyDictionary<string, TensorShape[]>> infersShapes)
    {
        this.graph = graph;
        shapes = new(() => infersShapes(graph));
        values = new(graph, input => aliases.TryGetValue(input.Canonical, out var alias) ? alias : (NodeInput?)null);
    }

    /// <summary>The graph without what is dead.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="outputs">What is asked of it; where it is given, nothing else is kept.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <param name="infersShapes">Gives the shapes of a graph's tensors by node, as far as they are known: a side of SelectV2 is dropped only where the other is not broadcast to it.</param>
    public static Graph Remove(Graph graph, ImmutableArray<string> outputs, CancellationToken cancellation, Func<Graph, IReadOnlyDictionary<string, TensorShape[]>>? infersShapes = null)
    {
        var branches = new DeadBranches(graph, infersShapes ?? (_ => new Dictionary<string, TensorShape[]>(StringComparer.Ordinal)));
        while (branches.Spread())
            cancellation.ThrowIfCancellationRequested();
        return branches.Rewrite(outputs);
    }

    /// <summary>Looks at every node once; true when something new is known.</summary>
    private bool Spread()
    {
        int before = dead.Count + aliases.Count;
        foreach (Node node in graph.Nodes)
        {
            if (node.Op is "Merge" or "RefMerge")
                SpreadMerge(node);
            else if (node.Inputs.Any(IsDead))
                Kill(node);
            else if (node.Op is "Switch" or "RefSwitch")
                SpreadSwitch(node);
            else if (UnchangedBy(node) is { } input)
                aliases.TryAdd(NodeInput.Data(node.Name).Canonical, input);
        }
        return dead.Count + aliases.Count > before;
    }

    private bool IsDead(NodeInput input) => dead.Contains(input.IsControl ? input.Node : input.Canonical);

    private void Kill(Node node)
    {
        dead.Add(node.Name);
        foreach (Consumer consumer in graph.ConsumersOf(node))
        {
            if (consumer.Node.Inputs[consumer.Input] is { IsControl: false } port)
                dead.Add(port.Canonical);
        }
    }

    private void SpreadSwitch(Node node)
    {
        NodeInput[] inputs = [.. node.DataInputs];
        if (inputs.Length != 2 || values.Of(inputs[1]) is not { } predicate)
            return;
        int taken = predicate != 0 ? 1 : 0;
        aliases.TryAdd(NodeInput.Data(node.Name, taken).Canonical, inputs[0]);
        dead.Add(NodeInput.Data(node.Name, 1 - taken).Canonical);
    }

    /// <summary>A Merge of a loop lives as long as what enters the loop.</summary>
    private void SpreadMerge(Node node)
    {
        NodeInput[] inputs = [.. node.DataInputs];
        bool isLoop = inputs.Any(input => graph.Find(input.Node)?.Op is "NextIteration" or "RefNextIteration");
        NodeInput[] alive = [.. inputs.Where(input => !IsDead(input) && !(isLoop && graph.Find(input.Node)?.Op is "NextIteration" or "RefNextIteration"))];
        if (alive.Length == 0)
            Kill(node);
        else if (!isLoop && alive.Length == 1 && inputs.Length > 1)
            aliases.TryAdd(NodeInput.Data(node.Name).Canonical, alive[0]);
    }

    /// <summary>The input that a node gives on unchanged, or null.</summary>
    private NodeInput? UnchangedBy(Node node)
    {
        NodeInput[] inputs = [.. node.DataInputs];
        switch (node.Op)
        {
            case "Select" when inputs.Length == 3 && values.Of(inputs[0]) is { } chosen:
                return inputs[chosen != 0 ? 1 : 2];
            case "SelectV2" when inputs.Length == 3 && values.Of(inputs[0]) is { } chosen && KeepsShape(inputs[chosen != 0 ? 1 : 2], inputs[chosen != 0 ? 2 : 1]):
                return inputs[chosen != 0 ? 1 : 2];
            case "Select" or "SelectV2" when inputs.Length == 3 && values.IsKeptByDropout(inputs[0]):
                return inputs[1];
            case "Mul" when inputs.Length == 2 && values.IsKeptByDropout(inputs[1]):
                return inputs[0];
            case "Mul" when inputs.Length == 2 && values.IsKeptByDropout(inputs[0]):
                return inputs[1];
            case "RealDiv" or "Div" when inputs.Length == 2 && IsScaleOfDropout(node) && values.Of(inputs[1]) == 1:
                return inputs[0];
            case "Mul" when inputs.Length == 2 && IsScaleOfDropout(node) && values.Of(inputs[1]) == 1:
                return inputs[0];
            default:
                return null;
        }
    }

    /// <summary>True where broadcasting against the other tensor leaves a tensor's shape as it is.</summary>
    private bool KeepsShape(NodeInput tensor, NodeInput other) => (IsElement(other) && !IsElement(tensor)) || (shapes.Value.Find(tensor) is { IsUnknownRank: false } shape && shapes.Value.Find(other) is { } same && shape.Equals(same));

    private bool IsElement(NodeInput input) => graph.Find(input.Node) is { Op: "Const" } node && node.TensorAttribute("value") is { Shape.Rank: 0 };

    private bool IsScaleOfDropout(Node node) => graph.ConsumersOf(node).Any(consumer => consumer.Node.Op is "Mul" or "Select" or "SelectV2" && consumer.Node.DataInputs.Any(values.IsKeptByDropout));

    private Graph Rewrite(ImmutableArray<string> outputs)
    {
        var functions = new FunctionIndex(graph.Functions);
        var nodes = ImmutableArray.CreateBuilder<Node>(graph.Nodes.Length);
        foreach (Node node in graph.Nodes.Where(node => !dead.Contains(node.Name)))
        {
            Node living = node;
            NodeInput own = NodeInput.Data(node.Name);
            bool isSwitch = node.Op is "Switch" or "RefSwitch";
            if (!isSwitch && aliases.TryGetValue(own.Canonical, out var alias))
            {
                living = new Node(node.Name, "Identity", [alias, .. node.ControlInputs], node.TypeAttribute("T") is { } type ? AttributeMap.Of(("T", type)) : AttributeMap.Empty, node.Device);
                if (node.Op == "Merge" && graph.ConsumersOf(node).Any(consumer => consumer.Node.Inputs[consumer.Input].Port == 1))
                    nodes.Add(Node.Constant(node.Name + "/value_index", Tensor.Scalar(node.DataInputs.ToList().IndexOf(alias))));
            }
            else if (CallSite.Of(node, functions) is { Kind: CallKind.Branch } site && values.Of(node.DataInputs.First()) is { } chosen)
            {
                living = Call(node, site, chosen);
            }
            nodes.Add(living with { Inputs = [.. living.Inputs.Select(Living).OfType<NodeInput>()] });
        }
        return Pruned(graph.WithNodes(nodes.ToImmutable()), outputs);
    }

    private static Node Call(Node node, CallSite site, double chosen)
    {
        int number = node.Op is "If" or "StatelessIf" ? (chosen != 0 ? 0 : 1) : chosen >= 0 && chosen < site.Functions.Length ? (int)chosen : site.Functions.Length - 1;
        string op = node.Op.StartsWith("Stateless", StringComparison.Ordinal) ? "PartitionedCall" : "StatefulPartitionedCall";
        var kept = node.Attributes.Where(attribute => attribute.Key is "Tin" or "Tout" || attribute.Key.StartsWith('_'));
        return new Node(node.Name, op, [.. node.DataInputs.Skip(1), .. node.ControlInputs], AttributeMap.Create(kept), node.Device).With("f", new FunctionValue(site.Functions[number].Name, site.Functions[number].Attributes));
    }

    /// <summary>An input as it is afterwards; null when it only ordered something that is gone.</summary>
    private NodeInput? Living(NodeInput input)
    {
        if (input.IsControl)
            return dead.Contains(input.Node) ? (NodeInput?)null : input;
        for (int i = 0; i <= aliases.Count; i++)
        {
            if (graph.Find(input.Node) is { Op: "Merge" } && input.Port == 1 && aliases.ContainsKey(NodeInput.Data(input.Node).Canonical))
                return new(input.Node + "/value_index");
            bool isSwitch = graph.Find(input.Node)?.Op is "Switch" or "RefSwitch";
            if (!isSwitch || !aliases.TryGetValue(input.Canonical, out var alias))
                return input;
            input = alias;
        }
        return input;
    }

    /// <summary>The graph without nodes that only dead ones read.</summary>
    private Graph Pruned(Graph changed, ImmutableArray<string> outputs)
    {
        IEnumerable<string> roots = outputs.IsEmpty ? graph.Nodes.Where(node => graph.ConsumersOf(node).IsEmpty).Select(node => node.Name) : outputs.Select(output => new NodeInput(output).Node);
        return changed.NeededBy(roots.Concat(changed.Nodes.Where(node => node.Op is "Placeholder" or "PlaceholderV2").Select(node => node.Name)));
    }
}
