using TransformFramework.Cpu.Kernels.Resources;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Analysis;

/// <summary>A part of a graph whose nodes run under the same conditions, as a graph of its own that is fed what the part reads from outside.</summary>
internal sealed class GraphRegion
{
    private readonly GraphAnalysis analysis;
    private readonly int[] regions;
    private readonly int number;
    private readonly List<AnalyzedNode> nodes = [];
    private readonly Dictionary<int, AnalyzedNode> inner = [];
    private readonly Dictionary<TensorSource, AnalyzedNode> feeds = [];

    /// <param name="analysis">The whole graph.</param>
    /// <param name="producers">The edges to each node of the graph with the nodes that they come from.</param>
    /// <param name="regions">The region of each node.</param>
    /// <param name="number">The number of the region.</param>
    public GraphRegion(GraphAnalysis analysis, IReadOnlyList<IReadOnlyList<(int Producer, AnalyzedEdge Edge)>> producers, int[] regions, int number)
    {
        this.analysis = analysis;
        this.regions = regions;
        this.number = number;
        AnalyzedNode[] members = [.. analysis.Nodes.Where(node => regions[node.Index] == number)];
        First = members[0];
        foreach (AnalyzedNode member in members)
            inner.Add(member.Index, Add(member.Copy(nodes.Count)));
        foreach (AnalyzedNode member in members)
        {
            foreach (var (producer, edge) in producers[member.Index])
                Connect(producer, edge, inner[member.Index], producers);
        }
        FindOutputs(members);
        Analysis = Build();
    }

    /// <summary>The first node of the region.</summary>
    public AnalyzedNode First { get; }

    /// <summary>The region's own graph: its feeds are the inputs in their order.</summary>
    public GraphAnalysis Analysis { get; }

    /// <summary>What the region reads from outside, without constants.</summary>
    public List<TensorSource> Inputs { get; } = [];

    /// <summary>Nodes outside that the region waits for.</summary>
    public HashSet<int> Controls { get; } = [];

    /// <summary>What is read of the region from outside.</summary>
    public List<TensorSource> Outputs { get; } = [];

    private AnalyzedNode Add(AnalyzedNode node)
    {
        node.Frame = 0;
        node.Local = node.Index;
        nodes.Add(node);
        return node;
    }

    private void Connect(int producer, AnalyzedEdge edge, AnalyzedNode consumer, IReadOnlyList<IReadOnlyList<(int Producer, AnalyzedEdge Edge)>> producers)
    {
        bool isInside = regions[producer] == number;
        if (edge.IsControl && !isInside)
        {
            Controls.Add(producer);
            return;
        }
        AnalyzedNode from = isInside ? inner[producer] : Bring(new(producer, edge.Port), producers);
        from.Edges.Add(new(from.Kind == NodeKind.Kernel ? edge.Port : 0, consumer.Index, edge.Slot));
        if (edge.IsControl)
            consumer.ControlInputs++;
        else
            consumer.DataInputs++;
    }

    /// <summary>The node that represents a tensor from outside: a constant, or a feed.</summary>
    private AnalyzedNode Bring(TensorSource source, IReadOnlyList<IReadOnlyList<(int Producer, AnalyzedEdge Edge)>> producers)
    {
        if (feeds.TryGetValue(source, out var known))
            return known;
        AnalyzedNode outside = analysis.Nodes[source.Node];
        AnalyzedNode? constant = ConstantBehind(outside, producers);
        AnalyzedNode node;
        if (constant is null)
        {
            node = new(nodes.Count, outside.Node, NodeKind.Feed, null) { FeedName = $"{outside.Node.Name}:{source.Port}" };
            Inputs.Add(source);
        }
        else
        {
            node = constant.Copy(nodes.Count);
            if (constant != outside)
                Controls.Add(source.Node);
            else
                Controls.UnionWith(producers[source.Node].Select(from => from.Producer).Where(from => regions[from] != number));
        }
        feeds.Add(source, node);
        return Add(node);
    }

    /// <summary>The constant that a node brings, also from outside a loop, or null.</summary>
    private AnalyzedNode? ConstantBehind(AnalyzedNode node, IReadOnlyList<IReadOnlyList<(int Producer, AnalyzedEdge Edge)>> producers)
    {
        while (node is { Kind: NodeKind.Enter, IsLoopInvariant: true } or { Kernel: Identity, Node.Op: "Identity" })
            node = analysis.Nodes[producers[node.Index].First(from => !from.Edge.IsControl).Producer];
        return node.Kind == NodeKind.Constant ? node : null;
    }

    private void FindOutputs(AnalyzedNode[] members)
    {
        var wanted = analysis.OutputSources.Where(source => regions[source.Node] == number);
        var read = members.SelectMany(member => member.Edges.Where(edge => !edge.IsControl && regions[edge.Consumer] != number).Select(edge => new TensorSource(member.Index, edge.Port)));
        Outputs.AddRange(wanted.Concat(read).Distinct());
    }

    private GraphAnalysis Build()
    {
        var frame = new LoopFrame(0, -1, "");
        frame.Nodes.AddRange(nodes.Select(node => node.Index));
        return new([.. nodes], [frame], [.. Outputs.Select(Name)], [.. Outputs.Select(source => source with { Node = inner[source.Node].Index })]) { Quantizes = analysis.Quantizes };
    }

    private string Name(TensorSource source) => NodeInput.Data(analysis.Nodes[source.Node].Node.Name, source.Port).Text;
}
