using System.Collections.Immutable;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Planning;

/// <summary>Makes one node of all nodes that run under the same conditions, where there are products among them, so that a program with loops and branches runs by plans between these.</summary>
internal sealed class RegionContraction
{
    private readonly GraphProgram program;
    private readonly List<(int Producer, ProgramEdge Edge)>[] producers;
    private readonly int[] regionOf;
    private readonly ProgramRegion[] regions;
    private readonly List<ProgramNode> nodes = [];
    private readonly Dictionary<int, ProgramNode> outer = [];
    private readonly Dictionary<TensorSource, TensorSource> outputs = [];

    private RegionContraction(GraphProgram program)
    {
        this.program = program;
        producers = [.. program.Nodes.Select(_ => new List<(int, ProgramEdge)>())];
        foreach (ProgramNode producer in program.Nodes)
        {
            foreach (ProgramEdge edge in producer.Edges)
                producers[edge.Consumer].Add((producer.Index, edge));
        }
        int[] groups = NodeSources.Group(program);
        int[] worthwhile = [.. program.Nodes.Where(node => IsProduct(node) && groups[node.Index] != NodeSources.None).Select(node => groups[node.Index]).Distinct()];
        regionOf = [.. program.Nodes.Select(node => node.Kind == NodeKind.Kernel ? Array.IndexOf(worthwhile, groups[node.Index]) : -1)];
        regions = [.. worthwhile.Select((_, number) => new ProgramRegion(program, producers, regionOf, number))];
    }

    /// <param name="program">A program with control flow.</param>
    /// <param name="kernelOf">The kernel that runs a region's program.</param>
    public static GraphProgram Apply(GraphProgram program, Func<GraphProgram, IKernel> kernelOf)
    {
        var contraction = new RegionContraction(program);
        return contraction.regions.Length == 0 ? program : contraction.Build(kernelOf);
    }

    /// <summary>True for convolutions and matrix products.</summary>
    public static bool IsProduct(ProgramNode node) =>
        node.Kind == NodeKind.Kernel && (node.Node.Op.Contains("Conv2D", StringComparison.Ordinal) || node.Node.Op.Contains("Conv2d", StringComparison.Ordinal) || node.Node.Op.Contains("MatMul", StringComparison.Ordinal));

    private GraphProgram Build(Func<GraphProgram, IKernel> kernelOf)
    {
        foreach (ProgramNode node in program.Nodes)
        {
            if (regionOf[node.Index] >= 0 && regions[regionOf[node.Index]] is var region)
                AddMember(node, region, kernelOf);
            else if (!IsTakenIn(node))
                Add(node.Index, node.Copy(nodes.Count));
        }
        foreach (ProgramNode node in program.Nodes.Where(node => regionOf[node.Index] < 0 && outer.ContainsKey(node.Index)))
        {
            foreach (var (producer, edge) in producers[node.Index])
                Connect(new(producer, edge.Port), node.Index, edge.Slot);
        }
        foreach (ProgramRegion region in regions)
        {
            for (int slot = 0; slot < region.Inputs.Count; slot++)
                Connect(region.Inputs[slot], region.First.Index, slot);
            foreach (int control in region.Controls)
                Connect(new(control, 0), region.First.Index, -1);
        }
        return new([.. nodes], Frames(), program.Outputs, [.. program.OutputSources.Select(Source)]);
    }

    private void AddMember(ProgramNode member, ProgramRegion region, Func<GraphProgram, IKernel> kernelOf)
    {
        if (member != region.First)
        {
            outer.Add(member.Index, outer[region.First.Index]);
            return;
        }
        Add(member.Index, new(nodes.Count, new Node(member.Node.Name, "_Region"), NodeKind.Kernel, kernelOf(region.Program)) { Frame = member.Frame, OutputCount = region.Outputs.Count });
        for (int port = 0; port < region.Outputs.Count; port++)
            outputs.Add(region.Outputs[port], new(nodes.Count - 1, port));
    }

    private void Add(int index, ProgramNode node)
    {
        nodes.Add(node);
        outer.Add(index, node);
    }

    /// <summary>True for a constant that only regions read, each of which has its own copy.</summary>
    private bool IsTakenIn(ProgramNode node) =>
        node.Kind == NodeKind.Constant && node.Edges.All(edge => !edge.IsControl && regionOf[edge.Consumer] >= 0) && program.OutputSources.All(source => source.Node != node.Index);

    private void Connect(TensorSource source, int consumer, int slot)
    {
        ProgramNode reader = outer[consumer];
        TensorSource from = slot < 0 ? new(outer[source.Node].Index, 0) : Source(source);
        nodes[from.Node].Edges.Add(new(from.Port, reader.Index, slot));
        if (slot < 0)
            reader.ControlInputs++;
        else
            reader.DataInputs++;
    }

    private TensorSource Source(TensorSource source) => outputs.TryGetValue(source, out var output) ? output : new(outer[source.Node].Index, source.Port);

    private ImmutableArray<ProgramFrame> Frames()
    {
        ImmutableArray<ProgramFrame> frames = [.. program.Frames.Select(frame => new ProgramFrame(frame.Index, frame.Parent, frame.Name) { Entries = frame.Entries })];
        foreach (ProgramNode node in nodes)
        {
            node.Local = frames[node.Frame].Nodes.Count;
            frames[node.Frame].Nodes.Add(node.Index);
            if (node.Kind == NodeKind.Exit)
                frames[node.Frame].Exits.Add(node.Index);
        }
        return frames;
    }
}
