using System.Collections.Immutable;
using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Transforms;

namespace TransformFramework.Cpu.Plans;

/// <summary>Orders a graph and finds types, shapes and constants from those of its feeds. What depends on constants only is computed here, once.</summary>
internal sealed class PlanGraphAnalysis
{
    private readonly GraphAnalysis analysis;
    private readonly FeedSignature feeds;
    private readonly TensorSource[][] inputs;
    private readonly PlanTensor[][] tensors;

    private PlanGraphAnalysis(GraphAnalysis analysis, FeedSignature feeds)
    {
        this.analysis = analysis;
        this.feeds = feeds;
        inputs = NodeInputs.Of(analysis);
        tensors = [.. analysis.Nodes.Select(_ => Array.Empty<PlanTensor>())];
    }

    /// <summary>The graph as a graph for a plan, or null when it has control flow.</summary>
    /// <exception cref="ExecutionException">The shapes of a node's inputs do not fit its op.</exception>
    public static PlanGraph? Run(GraphAnalysis analysis, FeedSignature feeds)
    {
        if (analysis.HasControlFlow)
            return null;
        var builder = new PlanGraphAnalysis(analysis, feeds);
        var order = builder.Order();
        foreach (AnalyzedNode node in order)
            builder.tensors[node.Index] = builder.Outputs(node);
        return new(analysis, order, [.. builder.inputs], builder.tensors);
    }

    /// <summary>Producers before consumers, depth first from the outputs, so that branches are finished one after the other.</summary>
    private ImmutableArray<AnalyzedNode> Order()
    {
        var controls = analysis.Nodes.Select(_ => new List<int>()).ToArray();
        foreach (AnalyzedNode producer in analysis.Nodes)
        {
            foreach (AnalyzedEdge edge in producer.Edges.Where(edge => edge.IsControl))
                controls[edge.Consumer].Add(producer.Index);
        }
        var order = ImmutableArray.CreateBuilder<AnalyzedNode>(analysis.Nodes.Length);
        bool[] isEntered = new bool[analysis.Nodes.Length];
        var producersOf = new List<int>?[analysis.Nodes.Length];
        var path = new Stack<Visit>();
        int outputs = analysis.OutputSources.Length;
        for (int i = 0; i < outputs + analysis.Nodes.Length; i++)
        {
            int root = i < outputs ? analysis.OutputSources[i].Node : i - outputs;
            if (!isEntered[root])
                path.Push(new(root, 0));
            while (path.TryPop(out var at))
            {
                isEntered[at.Node] = true;
                List<int> producers = producersOf[at.Node] ??= Producers(at.Node, controls);
                int next = producers.FindIndex(at.Next, producer => !isEntered[producer]);
                if (next < 0)
                {
                    order.Add(analysis.Nodes[at.Node]);
                    continue;
                }
                path.Push(new(at.Node, next + 1));
                path.Push(new(producers[next], 0));
            }
        }
        return order.MoveToImmutable();
    }

    private List<int> Producers(int node, List<int>[] controls)
    {
        var producers = new List<int>(inputs[node].Length + controls[node].Count);
        foreach (TensorSource source in inputs[node])
            producers.Add(source.Node);
        producers.AddRange(controls[node]);
        return producers;
    }

    private PlanTensor[] Outputs(AnalyzedNode node)
    {
        switch (node.Kind)
        {
            case NodeKind.Constant:
                return [PlanTensor.Of(node.Constant!)];
            case NodeKind.Feed or NodeKind.Placeholder:
                return [feeds[node.FeedName!]];
            case NodeKind.NoOp:
                return [];
            default:
                return KernelOutputs(node);
        }
    }

    private PlanTensor[] KernelOutputs(AnalyzedNode node)
    {
        PlanTensor[] known = [.. inputs[node.Index].Select(source => source.Port < tensors[source.Node].Length ? tensors[source.Node][source.Port] : PlanTensor.Unknown)];
        if (node.Kernel is IPlannedKernel planned)
            return planned.Outputs(known);
        if (OpTable.Find(node.Node.Op) is not { } definition)
            return [];
        for (int slot = 0; slot < known.Length; slot++)
            node.Declared.CheckType(node.Node, slot, known[slot].Type);
        bool makesHandles = definition.Outputs.Any(output => output.Type is DataType.Variant or DataType.Resource);
        if (!definition.IsStateful && !makesHandles && Evaluate(node, known) is { } values)
            return values;
        TensorShape[] shapes = InferShapes(node, known);
        var types = Types(node.Node, definition);
        var outputs = new PlanTensor[types.Length];
        for (int port = 0; port < outputs.Length; port++)
            outputs[port] = new(types[port], port < shapes.Length ? shapes[port] : TensorShape.Unknown);
        return outputs;
    }

    private static PlanTensor[]? Evaluate(AnalyzedNode node, PlanTensor[] known)
    {
        if (node.Node.Op == "Shape" && known[0].Shape.IsFullyKnown && PlanGraph.IsOwn(node))
            return [PlanTensor.Of(Integers.Write(node.Node.TypeAttribute("out_type") ?? DataType.Int32, TensorShape.Of(known[0].Shape.Rank), known[0].Shape.Dimensions.AsSpan()))];
        if (known.Length == 0 || node.ControlInputs > 0 || !known.All(tensor => tensor.Constant is not null))
            return null;
        try
        {
            Tensor[] results = KernelRun.Compute(node, [.. known.Select(tensor => tensor.Constant!)], new RunState(), CancellationToken.None);
            return [.. results.Select(PlanTensor.Of)];
        }
        catch (ExecutionException)
        {
            // The node fails when it runs, if it does: a run that does not need it is none the worse.
            return null;
        }
    }

    private static TensorShape[] InferShapes(AnalyzedNode node, PlanTensor[] known)
    {
        try
        {
            return KernelRun.InferShapes(node.Kernel!, node.Declared, new(node.Node, [.. known.Select(tensor => tensor.Shape)], [.. known.Select(tensor => tensor.Constant)]));
        }
        catch (ExecutionException error) when (error.Kind != StatusKind.InvalidArgument)
        {
            return [];
        }
    }

    private static ImmutableArray<DataType> Types(Node node, OpDefinition definition)
    {
        try
        {
            return OpTypes.OutputTypes(node, definition);
        }
        catch (TransformException)
        {
            return [];
        }
    }

    /// <summary>A node on the way from an output, and the first of its producers that was not looked at.</summary>
    private readonly record struct Visit(int Node, int Next);
}
