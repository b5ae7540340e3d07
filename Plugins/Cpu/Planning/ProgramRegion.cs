using TransformFramework.Cpu.Kernels.Resources;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Planning;

/// <summary>A part of a program whose nodes run under the same conditions, as a program of its own that is fed what the part reads from outside.</summary>
internal sealed class ProgramRegion
{
    private readonly GraphProgram program;
    private readonly int[] regions;
    private readonly int number;
    private readonly List<ProgramNode> nodes = [];
    private readonly Dictionary<int, ProgramNode> inner = [];
    private readonly Dictionary<TensorSource, ProgramNode> feeds = [];

    /// <param name="program">The whole program.</param>
    /// <param name="producers">The edges to each node of the program with the nodes that they come from.</param>
    /// <param name="regions">The region of each node.</param>
    /// <param name="number">The number of the region.</param>
    public ProgramRegion(GraphProgram program, IReadOnlyList<IReadOnlyList<(int Producer, ProgramEdge Edge)>> producers, int[] regions, int number)
    {
        this.program = program;
        this.regions = regions;
        this.number = number;
        ProgramNode[] members = [.. program.Nodes.Where(node => regions[node.Index] == number)];
        First = members[0];
        foreach (ProgramNode member in members)
            inner.Add(member.Index, Add(member.Copy(nodes.Count)));
        foreach (ProgramNode member in members)
        {
            foreach (var (producer, edge) in producers[member.Index])
                Connect(producer, edge, inner[member.Index], producers);
        }
        FindOutputs(members);
        Program = Build();
    }

    /// <summary>The first node of the region.</summary>
    public ProgramNode First { get; }

    /// <summary>The region's own program: its feeds are the inputs in their order.</summary>
    public GraphProgram Program { get; }

    /// <summary>What the region reads from outside, without constants.</summary>
    public List<TensorSource> Inputs { get; } = [];

    /// <summary>Nodes outside that the region waits for.</summary>
    public HashSet<int> Controls { get; } = [];

    /// <summary>What is read of the region from outside.</summary>
    public List<TensorSource> Outputs { get; } = [];

    private ProgramNode Add(ProgramNode node)
    {
        node.Frame = 0;
        node.Local = node.Index;
        nodes.Add(node);
        return node;
    }

    private void Connect(int producer, ProgramEdge edge, ProgramNode consumer, IReadOnlyList<IReadOnlyList<(int Producer, ProgramEdge Edge)>> producers)
    {
        bool isInside = regions[producer] == number;
        if (edge.IsControl && !isInside)
        {
            Controls.Add(producer);
            return;
        }
        ProgramNode from = isInside ? inner[producer] : Bring(new(producer, edge.Port), producers);
        from.Edges.Add(new(from.Kind == NodeKind.Kernel ? edge.Port : 0, consumer.Index, edge.Slot));
        if (edge.IsControl)
            consumer.ControlInputs++;
        else
            consumer.DataInputs++;
    }

    /// <summary>The node that stands for a tensor from outside: a constant, or a feed.</summary>
    private ProgramNode Bring(TensorSource source, IReadOnlyList<IReadOnlyList<(int Producer, ProgramEdge Edge)>> producers)
    {
        if (feeds.TryGetValue(source, out var known))
            return known;
        ProgramNode outside = program.Nodes[source.Node];
        ProgramNode? constant = ConstantBehind(outside, producers);
        ProgramNode node;
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
    private ProgramNode? ConstantBehind(ProgramNode node, IReadOnlyList<IReadOnlyList<(int Producer, ProgramEdge Edge)>> producers)
    {
        while (node is { Kind: NodeKind.Enter, IsLoopInvariant: true } or { Kernel: Identity, Node.Op: "Identity" })
            node = program.Nodes[producers[node.Index].First(from => !from.Edge.IsControl).Producer];
        return node.Kind == NodeKind.Constant ? node : null;
    }

    private void FindOutputs(ProgramNode[] members)
    {
        var wanted = program.OutputSources.Where(source => regions[source.Node] == number);
        var read = members.SelectMany(member => member.Edges.Where(edge => !edge.IsControl && regions[edge.Consumer] != number).Select(edge => new TensorSource(member.Index, edge.Port)));
        Outputs.AddRange(wanted.Concat(read).Distinct());
    }

    private GraphProgram Build()
    {
        var frame = new ProgramFrame(0, -1, "");
        frame.Nodes.AddRange(nodes.Select(node => node.Index));
        return new([.. nodes], [frame], [.. Outputs.Select(Name)], [.. Outputs.Select(source => source with { Node = inner[source.Node].Index })]) { Quantizes = program.Quantizes };
    }

    private string Name(TensorSource source) => NodeInput.Data(program.Nodes[source.Node].Node.Name, source.Port).Text;
}
