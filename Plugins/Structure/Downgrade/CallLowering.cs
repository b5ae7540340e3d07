using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Structure.ControlFlow;
using TransformFramework.Toolkit.Functions;
using TransformFramework.Toolkit.Ops.Releases;
using TransformFramework.Transforms;

namespace TransformFramework.Structure.Downgrade;

/// <summary>Puts the bodies of functions in place of calls, branches and loops, where the target does not have the calling op or the body needs a rewrite; level by level, as <see cref="LowerControlFlow"/> does it.</summary>
internal static class CallLowering
{
    private const int Deepest = 64;

    /// <exception cref="TransformException">A function is missing, or calls itself.</exception>
    public static Graph Lower(Graph graph, TensorFlowRelease target, TransformContext context)
    {
        if (graph.Functions.Functions.IsEmpty)
            return graph;
        bool bodiesLack = graph.Functions.Functions.SelectMany(function => function.Nodes).Any(node => IsLacking(graph, node, target));
        for (int depth = 0; depth < Deepest; depth++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            graph = Reachable.From(graph, context);
            var functions = new FunctionIndex(graph.Functions);
            var calls = graph.Nodes.Where(node => CallSite.Of(node, functions) is not null && (bodiesLack || IsLacking(graph, node, target))).ToImmutableArray();
            if (calls.IsEmpty)
                return graph;
            context.Count("calls lowered", calls.Length);
            graph = graph.Nodes.Concat(graph.Functions.Functions.SelectMany(function => function.Nodes)).Any(node => FunctionInliner.IsCall(node, functions))
                ? FunctionInliner.Inline(graph, context.OutputNames, exactNames: true, context.Cancellation).Graph
                : LowerControlFlow.Lower(graph, calls, functions);
        }
        throw new TransformException(StatusKind.InvalidArgument, $"calls are nested more than {Deepest} deep: a function calls itself");
    }

    private static bool IsLacking(Graph graph, Node node, TensorFlowRelease target) =>
        ReleaseVerifier.Lacking(graph.WithNodes([DefaultDropping.Apply(new Graph([node]), target).Nodes[0]]), target).Any(problem => !problem.IsDefault);
}
