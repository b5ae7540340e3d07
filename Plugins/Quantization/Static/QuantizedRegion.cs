using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Static;

/// <summary>
/// Which tensors are 8-bit codes: what weighted ops read, and, going back from there through ops with an integer form, what these read. What nobody multiplies any more stays in full precision.
/// </summary>
internal sealed class QuantizedRegion
{
    private readonly Graph graph;
    private readonly ConstantValues constants;
    private readonly ActivationRanges ranges;
    private readonly Dictionary<string, FusedLayer> byTail;
    private readonly HashSet<string> coded = new(StringComparer.Ordinal);
    private readonly HashSet<string> multiplied;
    private readonly Dictionary<string, int> order;

    /// <summary>Finds the region between groups, each of whose data has a range.</summary>
    public QuantizedRegion(Graph graph, IReadOnlyList<FusedLayer> groups, ConstantValues constants, ActivationRanges ranges)
    {
        this.graph = graph;
        this.constants = constants;
        this.ranges = ranges;
        byTail = groups.ToDictionary(group => group.Tail.Name, StringComparer.Ordinal);
        order = ExecutionOrder.Sort(graph).Nodes.Select((node, i) => (node.Name, i)).ToDictionary(entry => entry.Name, entry => entry.i, StringComparer.Ordinal);
        multiplied = [.. groups.Select(group => group.Data.Canonical)];
        var open = new Stack<NodeInput>(groups.Select(group => group.Data));
        while (open.TryPop(out var tensor))
        {
            if (!coded.Add(tensor.Canonical))
                continue;
            foreach (NodeInput source in SourcesOf(tensor))
                open.Push(source);
        }
    }

    /// <summary>The coded tensors, in execution order.</summary>
    public IEnumerable<NodeInput> Tensors => coded.Select(text => new NodeInput(text)).OrderBy(tensor => order[tensor.Node]).ThenBy(tensor => tensor.Port);

    /// <summary>True for a tensor that is codes.</summary>
    public bool IsCoded(NodeInput tensor) => !tensor.IsControl && coded.Contains(tensor.Canonical);

    /// <summary>Nodes between codes: for each coded tensor that an op with an integer form makes, the nodes from its sources to it.</summary>
    public Dictionary<string, HashSet<string>> Inner()
    {
        var inner = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (NodeInput tensor in Tensors.Where(tensor => !byTail.ContainsKey(tensor.Node)))
        {
            var (sources, nodes) = Cone(tensor);
            if (sources.Count > 0 && sources.TrueForAll(IsCoded))
                inner[tensor.Canonical] = nodes;
        }
        return inner;
    }

    /// <summary>Takes sums of a group's result with codes from zero on, and the activations after them, into the groups.</summary>
    public void FuseSums(IReadOnlyDictionary<string, TensorShape[]> shapes, TransformContext context)
    {
        foreach (Node activation in graph.Nodes.Where(node => FusedLayer.IsActivation(node) && IsCoded(node.Name) && !byTail.ContainsKey(node.Name)))
        {
            if (graph.Find(activation.Inputs[0].Node) is not { Op: "Add" or "AddV2" } sum || graph.ConsumersOf(sum).Length != 1 || context.IsOutput(sum) || sum.DataInputs.Count() != 2)
                continue;
            int first = IsSummable(sum.Inputs[0], sum.Inputs[1], shapes, context) ? 0 : IsSummable(sum.Inputs[1], sum.Inputs[0], shapes, context) ? 1 : -1;
            if (first < 0 || !byTail.Remove(sum.Inputs[first].Node, out var group))
                continue;
            coded.Remove(sum.Inputs[first].Canonical);
            group.AddSum(sum, activation);
            byTail[activation.Name] = group;
        }
    }

    private bool IsSummable(NodeInput result, NodeInput other, IReadOnlyDictionary<string, TensorShape[]> shapes, TransformContext context) =>
        byTail.TryGetValue(result.Node, out var group) && !group.HasRelu && !group.IsDepthwise && group.Op.Node.Op == "Conv2D"
        && graph.ConsumersOf(group.Tail).Length == 1 && !context.IsOutput(group.Tail)
        && IsCoded(other) && ranges.Find(other) is { IsSigned: false }
        && HaveSameShape(result, other, shapes);

    /// <summary>As many positions and channels in all samples, or the same shape for one sample.</summary>
    private bool HaveSameShape(NodeInput a, NodeInput b, IReadOnlyDictionary<string, TensorShape[]> shapes)
    {
        if (ranges.Statistics(a) is { Positions: > 0 } seen && ranges.Statistics(b) is { Positions: > 0 } alike)
            return seen.Positions == alike.Positions && seen.ChannelSums.Length == alike.ChannelSums.Length;
        return shapes.TryGetValue(a.Node, out var first) && shapes.TryGetValue(b.Node, out var second) && a.Port < first.Length && b.Port < second.Length
            && first[a.Port].IsFullyKnown && second[b.Port].IsFullyKnown && first[a.Port].Dimensions.SequenceEqual(second[b.Port].Dimensions);
    }

    private List<NodeInput> SourcesOf(NodeInput tensor)
    {
        if (byTail.ContainsKey(tensor.Node))
            return [];
        var (sources, _) = Cone(tensor);
        return sources.TrueForAll(source => ranges.Find(source) is not null) ? [.. sources.Where(IsMadeOfCodes)] : [];
    }

    /// <summary>True when a weighted op or an op with an integer form makes the tensor; codes of what else comes in would lose precision for nothing.</summary>
    private bool IsMadeOfCodes(NodeInput tensor) => byTail.ContainsKey(tensor.Node) || (graph.Find(tensor.Node) is { } producer && QuantizableOps.HasOne(producer));

    /// <summary>What a tensor is computed from by ops with an integer form. Elementwise ops one after the other count as one when together they have at most two sources.</summary>
    private (List<NodeInput> Sources, HashSet<string> Nodes) Cone(NodeInput tensor)
    {
        if (graph.Find(tensor.Node) is not { } node || byTail.ContainsKey(node.Name))
            return ([], []);
        if (QuantizableOps.IsMoving(node) || QuantizableOps.IsWithinInputs(node))
            return ([.. QuantizableOps.Sources(node, constants)], [node.Name]);
        if (!QuantizableOps.IsElementwise(node))
            return ([], []);
        var whole = Elementwise(node, depth: int.MaxValue);
        return whole.Sources.Count <= 2 ? whole : Elementwise(node, depth: 1);
    }

    private (List<NodeInput> Sources, HashSet<string> Nodes) Elementwise(Node result, int depth)
    {
        var sources = new Dictionary<string, NodeInput>(StringComparer.Ordinal);
        var nodes = new HashSet<string>(StringComparer.Ordinal) { result.Name };
        var open = new Queue<Node>([result]);
        while (open.TryDequeue(out var node))
        {
            foreach (NodeInput input in QuantizableOps.Sources(node, constants))
            {
                bool isInner = depth > 1 && !byTail.ContainsKey(input.Node) && !multiplied.Contains(input.Canonical) && graph.Find(input.Node) is { } producer && QuantizableOps.IsElementwise(producer);
                if (!isInner)
                    sources[input.Canonical] = input;
                else if (nodes.Add(input.Node))
                    open.Enqueue(graph.Find(input.Node)!);
            }
        }
        return ([.. sources.Values], nodes);
    }
}
