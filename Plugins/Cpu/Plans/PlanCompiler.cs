using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Microkernels;
using TransformFramework.Execution;

namespace TransformFramework.Cpu.Plans;

/// <summary>Compiles a graph for given feeds: each node becomes part of a fast operator where there is a lowering for it, else an operator that calls its reference kernel.</summary>
internal static class PlanCompiler
{
    /// <summary>The plan, or null when the graph has control flow, ill-fitting shapes, or nothing to gain.</summary>
    public static ExecutionPlan? Compile(GraphAnalysis analysis, FeedSlot[] slots, FeedSignature feeds, MicrokernelSet kernels, PlanOptions options, WeightCache weights)
    {
        try
        {
            return PlanGraphAnalysis.Run(analysis, feeds) is { } graph ? Compile(graph, slots, feeds, kernels, options, weights) : null;
        }
        catch (Exception error) when (error is ExecutionException or OverflowException)
        {
            // The run reports what is wrong, with the node's name, when it comes to it.
            return null;
        }
    }

    private static ExecutionPlan? Compile(PlanGraph graph, FeedSlot[] slots, FeedSignature feeds, MicrokernelSet kernels, PlanOptions options, WeightCache weights)
    {
        var builder = new PlanBuilder(graph, kernels, options, weights);
        foreach (FeedSlot slot in slots)
            builder.Feed(new(slot.Node, 0), slot);
        foreach (AnalyzedNode node in graph.Order)
            Lower(node, builder);
        return builder.IsWorthwhile ? builder.Build(feeds) : null;
    }

    private static void Lower(AnalyzedNode node, PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        bool isDone = node.Kind != NodeKind.Kernel || builder.IsAbsorbed(node) || (node.OutputCount > 0 && graph.AreConstant(node));
        if (isDone)
            return;
        foreach (ILowering lowering in PlanGraph.IsOwn(node) ? Lowerings.Find(node.Node.Op) : [])
        {
            if ((lowering.IsExact || !builder.IsExactOnly) && lowering.TryLower(node, builder))
                return;
        }
        ReferenceOperator.Lower(node, builder);
    }
}
