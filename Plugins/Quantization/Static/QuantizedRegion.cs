using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Weights;

namespace TransformFramework.Quantization.Static;

/// <summary>
/// Which tensors are quantized: what layers read, and, going back from there through quantizable ops, what these read. What no layer reads stays in full precision.
/// </summary>
internal sealed class QuantizedRegion
{
    private readonly Graph graph;
    private readonly ConstantValues constants;
    private readonly ActivationRanges ranges;
    private readonly Func<NodeInput, bool> mayBeQuantized;
    private readonly Func<Node, bool> isQuantizable;
    private readonly HashSet<string> tails;
    private readonly HashSet<string> quantized = new(StringComparer.Ordinal);
    private readonly HashSet<string> layerInputs;
    private readonly Dictionary<string, int> order = new(StringComparer.Ordinal);

    /// <summary>Finds the region.</summary>
    /// <param name="graph">The float graph.</param>
    /// <param name="layers">The layers.</param>
    /// <param name="inputs">What they read as quantized tensors; each has a range.</param>
    /// <param name="constants">Constants of the graph.</param>
    /// <param name="ranges">Ranges of its tensors.</param>
    /// <param name="mayBeQuantized">False for tensors between layers that the target cannot hold in 8 bits.</param>
    /// <param name="isQuantizable">False for nodes between layers that are to read unrounded data.</param>
    public QuantizedRegion(
        Graph graph, IReadOnlyList<FusedLayer> layers, IEnumerable<NodeInput> inputs, ConstantValues constants, ActivationRanges ranges, Func<NodeInput, bool> mayBeQuantized, Func<Node, bool> isQuantizable)
    {
        this.isQuantizable = isQuantizable;
        this.graph = graph;
        this.constants = constants;
        this.ranges = ranges;
        this.mayBeQuantized = mayBeQuantized;
        tails = layers.Select(layer => layer.Tail.Name).ToHashSet(StringComparer.Ordinal);
        foreach (Node node in ExecutionOrder.Sort(graph).Nodes)
            order.TryAdd(node.Name, order.Count);
        var open = new Stack<NodeInput>(inputs);
        layerInputs = [.. open.Select(tensor => tensor.Canonical)];
        while (open.TryPop(out var tensor))
        {
            if (!quantized.Add(tensor.Canonical))
                continue;
            foreach (NodeInput source in SourcesOf(tensor))
                open.Push(source);
        }
    }

    /// <summary>The quantized tensors, in execution order.</summary>
    public IEnumerable<NodeInput> Tensors => quantized.Select(text => new NodeInput(text)).OrderBy(tensor => order[tensor.Node]).ThenBy(tensor => tensor.Port);

    /// <summary>True for a tensor that is quantized.</summary>
    public bool IsQuantized(NodeInput tensor) => !tensor.IsControl && quantized.Contains(tensor.Canonical);

    /// <summary>Names of the nodes that compute quantized tensors from quantized tensors, layers left out.</summary>
    public HashSet<string> Between()
    {
        var between = new HashSet<string>(StringComparer.Ordinal);
        foreach (NodeInput tensor in Tensors.Where(tensor => !tails.Contains(tensor.Node)))
        {
            var (sources, nodes) = Cone(tensor);
            if (sources.Count > 0 && sources.TrueForAll(IsQuantized))
                between.UnionWith(nodes);
        }
        return between;
    }

    private List<NodeInput> SourcesOf(NodeInput tensor)
    {
        if (tails.Contains(tensor.Node))
            return [];
        var (sources, _) = Cone(tensor);
        return sources.TrueForAll(source => ranges.Find(source) is not null) ? [.. sources.Where(source => IsComputedQuantized(source) && mayBeQuantized(source))] : [];
    }

    /// <summary>True when a layer or a quantizable op computes the tensor; other tensors would lose precision for nothing.</summary>
    private bool IsComputedQuantized(NodeInput tensor) => tails.Contains(tensor.Node) || (graph.Find(tensor.Node) is { } producer && isQuantizable(producer));

    /// <summary>What a tensor is computed from by quantizable ops. Elementwise ops one after the other count as one when together they have at most two sources.</summary>
    private (List<NodeInput> Sources, HashSet<string> Nodes) Cone(NodeInput tensor)
    {
        if (graph.Find(tensor.Node) is not { } node || tails.Contains(node.Name) || !isQuantizable(node))
            return ([], []);
        if (QuantizableOps.IsMoving(node) || QuantizableOps.IsWithinInputs(node))
            return ([.. QuantizableOps.Sources(node, constants)], [node.Name]);
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
                bool isInner = depth > 1 && !tails.Contains(input.Node) && !layerInputs.Contains(input.Canonical) && graph.Find(input.Node) is { } producer && QuantizableOps.IsElementwise(producer) && isQuantizable(producer);
                if (!isInner)
                    sources[input.Canonical] = input;
                else if (nodes.Add(input.Node))
                    open.Enqueue(graph.Find(input.Node)!);
            }
        }
        return ([.. sources.Values], nodes);
    }
}
