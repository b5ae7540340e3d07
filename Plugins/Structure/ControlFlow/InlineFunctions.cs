using System.Globalization;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Functions;
using TransformFramework.Transforms;

namespace TransformFramework.Structure.ControlFlow;

/// <summary>
/// Puts the bodies of called functions in place of their calls, at every depth, in the graph and in the functions that branches and loops keep; then drops functions that nothing calls.
/// <code>
/// f = StatefulPartitionedCall(x) {f=square}      f/mul = Mul(x, x)
/// y = Neg(f)                                 →   y = Neg(f/mul)
/// </code>
/// PartitionedCall, StatefulPartitionedCall and nodes whose op is a function are inlined; While, If and Case stay. An output of the run that is a call's keeps its name by an Identity. A graph
/// that would grow beyond max_nodes is an error, as is a function that calls itself.
/// </summary>
[Transform("inline_functions", Summary = "Inlines all calls of functions, up to a number of nodes.")]
public sealed class InlineFunctions : Transform<InlineFunctions.Options>
{
    public sealed record Options
    {
        [Option("max_nodes", "Most nodes that the graph and its functions may have together afterwards.")]
        public long MaxNodes { get; init; } = 1_000_000;
    }

    protected override Graph Apply(Graph graph, Options options, TransformContext context) => Inline(graph, options.MaxNodes, context);

    internal static Graph Inline(Graph graph, long mostNodes, TransformContext context)
    {
        long size = FunctionInliner.Measure(new ScopedGraph(graph, context.OutputNames));
        if (size > mostNodes)
        {
            string count = size == long.MaxValue ? "more nodes than can be counted" : string.Create(CultureInfo.InvariantCulture, $"{size} nodes");
            throw StructureDiagnostics.Wrong(StructureDiagnostics.TooManyNodes, $"inlined, the graph would have {count}, more than {mostNodes}", suggestion: "Raise max_nodes, or keep the calls: the backend runs them.");
        }
        var (inlined, _, calls) = FunctionInliner.Inline(graph, context.OutputNames, exactNames: true, context.Cancellation, mostNodes);
        context.Count("calls inlined", calls);
        return inlined;
    }
}
