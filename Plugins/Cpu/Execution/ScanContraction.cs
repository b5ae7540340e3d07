using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Analysis.Scans;
using TransformFramework.Cpu.Plans.Operators.Scan;
using TransformFramework.Execution;

namespace TransformFramework.Cpu.Execution;

/// <summary>Makes one node of a loop that goes through sequences, the nodes that make its lists of tensors, and those that make tensors of its lists.</summary>
internal sealed class ScanContraction
{
    private readonly GraphAnalysis analysis;
    private readonly TensorSource[][] inputs;
    private readonly HashSet<TensorSource> outputs;

    private ScanContraction(GraphAnalysis analysis)
    {
        this.analysis = analysis;
        inputs = NodeInputs.Of(analysis);
        outputs = [.. analysis.OutputSources];
    }

    /// <summary>The graph with a node for each such loop.</summary>
    public static GraphAnalysis Apply(GraphAnalysis analysis, CompileOptions options)
    {
        bool isPlain = !analysis.HasControlFlow && !analysis.Quantizes && analysis.Nodes.Any(node => node.Kernel is WhileKernel);
        if (!isPlain)
            return analysis;
        var contraction = new ScanContraction(analysis);
        int[] regionOf = [.. Enumerable.Repeat(-1, analysis.Nodes.Length)];
        var loops = new List<ScanLoop>();
        foreach (AnalyzedNode node in analysis.Nodes)
        {
            if (node.Kernel is not WhileKernel kernel || kernel.AsScan() is not { } loop || contraction.ListNodes(node, loop) is not { } lists)
                continue;
            foreach (int member in lists.Append(node.Index))
                regionOf[member] = loops.Count;
            loops.Add(loop);
        }
        return RegionContraction.Apply(analysis, regionOf, ScanLowering.Op, (region, number) => new ScanKernel(region, loops[number], options));
    }

    /// <summary>The nodes that make and unmake the loop's lists; null where something else reads or makes them.</summary>
    private List<int>? ListNodes(AnalyzedNode loop, ScanLoop scan)
    {
        var members = new List<int>();
        if (scan.Variables.Length != loop.DataInputs)
            return null;
        for (int i = 0; i < scan.Variables.Length; i++)
        {
            LoopVariableKind kind = scan.Variables[i].Kind;
            if (kind is not (LoopVariableKind.Sequence or LoopVariableKind.Stack))
                continue;
            AnalyzedNode maker = analysis.Nodes[inputs[loop.Index][i].Node];
            bool isOwn = (kind == LoopVariableKind.Sequence ? maker.Node.Op is "TensorListFromTensor" : maker.Node.Op is "TensorListReserve" or "EmptyTensorList")
                && maker.ControlInputs == 0 && Readers(new(maker.Index, 0)) is [var reader] && reader == loop;
            AnalyzedNode[] readers = Readers(new(loop.Index, i));
            bool isStacked = Array.TrueForAll(readers, IsStack) && !outputs.Contains(new(loop.Index, i)) && (kind == LoopVariableKind.Stack || readers.Length == 0);
            if (!isOwn || !isStacked)
                return null;
            members.Add(maker.Index);
            members.AddRange(readers.Select(stack => stack.Index));
        }
        return members;
    }

    private bool IsStack(AnalyzedNode node) => node is { Node.Op: "TensorListStack", ControlInputs: 0 } && analysis.Nodes[inputs[node.Index][1].Node].Kind == NodeKind.Constant;

    /// <summary>The nodes that read a tensor, each as often as it does.</summary>
    private AnalyzedNode[] Readers(TensorSource source) =>
        [.. analysis.Nodes[source.Node].Edges.Where(edge => edge.IsControl || edge.Port == source.Port).Select(edge => analysis.Nodes[edge.Consumer])];
}
