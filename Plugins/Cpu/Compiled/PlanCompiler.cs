using TransformFramework.Cpu.Compiled.Forms;
using TransformFramework.Cpu.Compiled.Steps;
using TransformFramework.Cpu.Gemm;
using TransformFramework.Cpu.Planning;
using TransformFramework.Execution;

namespace TransformFramework.Cpu.Compiled;

/// <summary>Compiles a program for given feeds: each node becomes part of a fast step where there is a form for it, else a step that calls its reference kernel.</summary>
internal static class PlanCompiler
{
    /// <summary>The plan, or null when the program has control flow, ill-fitting shapes, or nothing to gain.</summary>
    public static CompiledPlan? Compile(GraphProgram program, FeedSlot[] slots, FeedSignature feeds, KernelSet kernels, int threads, WeightCache weights)
    {
        try
        {
            return PlanGraphAnalysis.Run(program, feeds) is { } graph ? Compile(graph, slots, feeds, kernels, threads, weights) : null;
        }
        catch (Exception error) when (error is ExecutionException or OverflowException)
        {
            // The run reports what is wrong, with the node's name, when it comes to it.
            return null;
        }
    }

    private static CompiledPlan? Compile(PlanGraph graph, FeedSlot[] slots, FeedSignature feeds, KernelSet kernels, int threads, WeightCache weights)
    {
        var builder = new PlanBuilder(graph, kernels, threads, weights);
        foreach (FeedSlot slot in slots)
            builder.Feed(new(slot.Node, 0), slot);
        foreach (ProgramNode node in graph.Order)
            Lower(node, builder);
        return builder.IsWorthwhile ? builder.Build(feeds) : null;
    }

    private static void Lower(ProgramNode node, PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        bool isDone = node.Kind != NodeKind.Kernel || builder.IsAbsorbed(node) || (node.OutputCount > 0 && graph.AreConstant(node));
        if (isDone)
            return;
        if (CodedForm.TryLower(node, builder))
            return;
        bool hasForm = PlanGraph.IsOwn(node) && FastForms.Find(node.Node.Op) is { } form && (form.IsExact || !builder.IsExactOnly) && form.TryLower(node, builder);
        if (!hasForm)
            ReferenceStep.Lower(node, builder);
    }
}
