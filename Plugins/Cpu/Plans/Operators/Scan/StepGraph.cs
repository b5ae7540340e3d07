using System.Collections.Immutable;
using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Analysis.Scans;
using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.Scan;

/// <summary>An iteration of a loop as a graph of its own, which is fed the elements of sequences, the states and invariants that are not constant.</summary>
internal sealed class StepGraph
{
    private readonly Dictionary<int, int> outputs = [];

    private StepGraph(PlanGraph graph) => Graph = graph;

    /// <summary>What is known of an iteration's tensors.</summary>
    public PlanGraph Graph { get; }

    /// <summary>For each fed node the variable whose value, or whose element, it is.</summary>
    public Dictionary<int, (int Variable, bool IsElement)> Fed { get; } = [];

    /// <summary>Where an iteration computes the next state, or the element of a list that is written.</summary>
    public TensorSource Source(int variable) => Graph.Analysis.OutputSources[outputs[variable]];

    /// <summary>What is known of it.</summary>
    public PlanTensor Next(int variable) => Graph[Source(variable)];

    /// <summary>The graph, or null when an iteration reads a list in another way than by the counter.</summary>
    /// <exception cref="TransformFramework.Execution.ExecutionException">The shapes of a node's inputs do not fit its op.</exception>
    public static StepGraph? Of(ScanLoop loop, PlanTensor[] variables)
    {
        int[] computed = [.. Enumerable.Range(0, variables.Length).Where(i => loop.Variables[i].Kind is LoopVariableKind.State or LoopVariableKind.Stack)];
        var nodes = new List<AnalyzedNode>();
        var inner = new Dictionary<int, AnalyzedNode>();
        var fed = new Dictionary<int, (int Variable, bool IsElement)>();
        var tensors = new List<PlanTensor>();
        foreach (int index in Needed(loop, computed.Select(variable => loop.Variables[variable].Next.Node)))
        {
            AnalyzedNode node = loop.Body.Nodes[index];
            int variable = loop.VariableOf(new(index, 0));
            bool isElement = loop.Elements.TryGetValue(index, out var element);
            if (isElement || node.FeedName is not null)
            {
                if (!isElement && variable < 0)
                    return null;
                PlanTensor known = isElement ? new(variables[element.Sequence].Type, variables[element.Sequence].Shape.WithoutAxis(0)) : variables[variable];
                if (!isElement && loop.Variables[variable].Kind is LoopVariableKind.Sequence or LoopVariableKind.Stack)
                    return null;
                bool isConstant = !isElement && loop.Variables[variable].Kind == LoopVariableKind.Invariant && known.Constant is not null;
                inner[index] = isConstant
                    ? new(nodes.Count, new Node(node.Node.Name, "Const"), NodeKind.Constant, null) { Constant = known.Constant }
                    : new(nodes.Count, new Node(node.Node.Name, "_Feed"), NodeKind.Feed, null) { FeedName = $"{node.Node.Name}:0" };
                if (!isConstant)
                {
                    fed[nodes.Count] = (isElement ? element.Sequence : variable, isElement);
                    tensors.Add(known with { Constant = null });
                }
            }
            else
            {
                inner[index] = node.Copy(nodes.Count);
            }
            nodes.Add(inner[index]);
        }
        Connect(loop, inner);
        return Analyze(loop, computed, nodes, inner, fed, tensors);
    }

    private static StepGraph? Analyze(ScanLoop loop, int[] computed, List<AnalyzedNode> nodes, Dictionary<int, AnalyzedNode> inner, Dictionary<int, (int, bool)> fed, List<PlanTensor> tensors)
    {
        var frame = new LoopFrame(0, -1, "");
        frame.Nodes.AddRange(nodes.Select(node => node.Index));
        ImmutableArray<TensorSource> sources = [.. computed.Select(variable => loop.Variables[variable].Next is var next ? next with { Node = inner[next.Node].Index, Port = nodes[inner[next.Node].Index].Kind == NodeKind.Kernel ? next.Port : 0 } : next)];
        var analysis = new GraphAnalysis([.. nodes], [frame], [.. computed.Select(variable => $"{variable}")], sources);
        if (PlanGraphAnalysis.Run(analysis, FeedSignature.Of(FeedSignature.Slots(analysis), [.. tensors])) is not { } graph)
            return null;
        var step = new StepGraph(graph);
        for (int i = 0; i < computed.Length; i++)
            step.outputs.Add(computed[i], i);
        foreach (var (node, variable) in fed)
            step.Fed.Add(node, variable);
        return step;
    }

    /// <summary>The nodes that some nodes need, in the order of the body.</summary>
    private static IEnumerable<int> Needed(ScanLoop loop, IEnumerable<int> roots)
    {
        var needed = new SortedSet<int>();
        var open = new Stack<int>(roots);
        while (open.TryPop(out int index))
        {
            if (!needed.Add(index) || loop.Elements.ContainsKey(index))
                continue;
            foreach (TensorSource source in loop.Inputs(loop.Body.Nodes[index]))
                open.Push(source.Node);
        }
        return needed;
    }

    private static void Connect(ScanLoop loop, Dictionary<int, AnalyzedNode> inner)
    {
        foreach (var (index, consumer) in inner)
        {
            if (consumer.Kind != NodeKind.Kernel)
                continue;
            ReadOnlySpan<TensorSource> sources = loop.Inputs(loop.Body.Nodes[index]);
            for (int slot = 0; slot < sources.Length; slot++)
            {
                AnalyzedNode producer = inner[sources[slot].Node];
                producer.Edges.Add(new(producer.Kind == NodeKind.Kernel ? sources[slot].Port : 0, consumer.Index, slot));
            }
            consumer.DataInputs = sources.Length;
        }
    }
}
