using System.Collections.Immutable;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;

namespace TransformFramework.Cpu.Analysis;

/// <summary>Makes one node of all nodes that run under the same conditions, where there are products among them, so that a graph with loops, branches or undeclared ops runs by plans between these.</summary>
internal sealed class RegionContraction
{
    private readonly GraphAnalysis analysis;
    private readonly List<(int Producer, AnalyzedEdge Edge)>[] producers;
    private readonly int[] regionOf;
    private readonly GraphRegion[] regions;
    private readonly List<AnalyzedNode> nodes = [];
    private readonly Dictionary<int, AnalyzedNode> outer = [];
    private readonly Dictionary<TensorSource, TensorSource> outputs = [];
    private readonly string op;

    private RegionContraction(GraphAnalysis analysis, int[] regionOf, string op)
    {
        this.analysis = analysis;
        this.regionOf = regionOf;
        this.op = op;
        producers = [.. analysis.Nodes.Select(_ => new List<(int, AnalyzedEdge)>())];
        foreach (AnalyzedNode producer in analysis.Nodes)
        {
            foreach (AnalyzedEdge edge in producer.Edges)
                producers[edge.Consumer].Add((producer.Index, edge));
        }
        regions = [.. Enumerable.Range(0, regionOf.Max() + 1).Select(number => new GraphRegion(analysis, producers, regionOf, number))];
    }

    /// <param name="analysis">A graph with control flow or undeclared ops.</param>
    /// <param name="kernelOf">The kernel that runs a region's graph.</param>
    public static GraphAnalysis Apply(GraphAnalysis analysis, Func<GraphAnalysis, IKernel> kernelOf)
    {
        int[] groups = NodeConditions.Group(analysis);
        int[] worthwhile = [.. analysis.Nodes.Where(node => IsGemm(node) && groups[node.Index] != NodeConditions.None).Select(node => groups[node.Index]).Distinct()];
        return Apply(analysis, [.. analysis.Nodes.Select(node => node.Kind == NodeKind.Kernel ? Array.IndexOf(worthwhile, groups[node.Index]) : -1)], "_Region", (region, _) => kernelOf(region));
    }

    /// <summary>Makes one node of the nodes of each region.</summary>
    /// <param name="analysis">The graph.</param>
    /// <param name="regionOf">The region of each node, counted from 0; -1 for none. Nothing outside a region lies on a path from one of its nodes to another.</param>
    /// <param name="op">Op of the nodes that are made.</param>
    /// <param name="kernelOf">The kernel that runs a region's graph, of which the number is given too.</param>
    public static GraphAnalysis Apply(GraphAnalysis analysis, int[] regionOf, string op, Func<GraphAnalysis, int, IKernel> kernelOf) =>
        Array.TrueForAll(regionOf, region => region < 0) ? analysis : new RegionContraction(analysis, regionOf, op).Build(kernelOf);

    /// <summary>True for convolutions and matrix products.</summary>
    public static bool IsGemm(AnalyzedNode node) => node.Kind == NodeKind.Kernel && OpTraitTable.Has(node.Node.Op, OpTraits.Multiplies);

    private GraphAnalysis Build(Func<GraphAnalysis, int, IKernel> kernelOf)
    {
        foreach (AnalyzedNode node in analysis.Nodes)
        {
            if (regionOf[node.Index] >= 0 && regions[regionOf[node.Index]] is var region)
                AddMember(node, region, kernelOf);
            else if (!IsTakenIn(node))
                Add(node.Index, node.Copy(nodes.Count));
        }
        foreach (AnalyzedNode node in analysis.Nodes.Where(node => regionOf[node.Index] < 0 && outer.ContainsKey(node.Index)))
        {
            foreach (var (producer, edge) in producers[node.Index])
                Connect(new(producer, edge.Port), node.Index, edge.Slot);
        }
        foreach (GraphRegion region in regions)
        {
            for (int slot = 0; slot < region.Inputs.Count; slot++)
                Connect(region.Inputs[slot], region.First.Index, slot);
            foreach (int control in region.Controls)
                Connect(new(control, 0), region.First.Index, -1);
        }
        return new([.. nodes], Frames(), analysis.Outputs, [.. analysis.OutputSources.Select(Source)]) { Quantizes = analysis.Quantizes };
    }

    private void AddMember(AnalyzedNode member, GraphRegion region, Func<GraphAnalysis, int, IKernel> kernelOf)
    {
        if (member != region.First)
        {
            outer.Add(member.Index, outer[region.First.Index]);
            return;
        }
        Add(member.Index, new(nodes.Count, new Node(member.Node.Name, op), NodeKind.Kernel, kernelOf(region.Analysis, regionOf[member.Index])) { Frame = member.Frame, OutputCount = region.Outputs.Count });
        for (int port = 0; port < region.Outputs.Count; port++)
            outputs.Add(region.Outputs[port], new(nodes.Count - 1, port));
    }

    private void Add(int index, AnalyzedNode node)
    {
        nodes.Add(node);
        outer.Add(index, node);
    }

    /// <summary>True for a constant that only regions read, each of which has its own copy.</summary>
    private bool IsTakenIn(AnalyzedNode node) =>
        node.Kind == NodeKind.Constant && node.Edges.All(edge => !edge.IsControl && regionOf[edge.Consumer] >= 0) && analysis.OutputSources.All(source => source.Node != node.Index);

    private void Connect(TensorSource source, int consumer, int slot)
    {
        AnalyzedNode reader = outer[consumer];
        TensorSource from = slot < 0 ? new(outer[source.Node].Index, 0) : Source(source);
        nodes[from.Node].Edges.Add(new(from.Port, reader.Index, slot));
        if (slot < 0)
            reader.ControlInputs++;
        else
            reader.DataInputs++;
    }

    private TensorSource Source(TensorSource source) => outputs.TryGetValue(source, out var output) ? output : new(outer[source.Node].Index, source.Port);

    private ImmutableArray<LoopFrame> Frames()
    {
        ImmutableArray<LoopFrame> frames = [.. analysis.Frames.Select(frame => new LoopFrame(frame.Index, frame.Parent, frame.Name) { Entries = frame.Entries })];
        foreach (AnalyzedNode node in nodes)
        {
            node.Local = frames[node.Frame].Nodes.Count;
            frames[node.Frame].Nodes.Add(node.Index);
            if (node.Kind == NodeKind.Exit)
                frames[node.Frame].Exits.Add(node.Index);
        }
        return frames;
    }
}
