using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Transforms;

namespace TransformFramework.Structure;

/// <summary>
/// Turns ConcatV2 into Concat, which has its axis first, for old runtimes and for quantize_nodes.
/// <code>
/// y = ConcatV2(a, b, axis) {Tidx=int32}  →   y = Concat(axis, a, b)
/// </code>
/// The original moves the last entry of the input list, also when that is a control input; without --verbatim the last data input is moved and control inputs
/// stay at the end.
/// </summary>
[Transform("backport_concatv2", Summary = "Turns ConcatV2 into Concat.", IsClassic = true)]
public sealed class BackportConcatV2 : Transform
{
    protected override Graph Apply(Graph graph, TransformContext context) =>
        PatternReplacement.Apply(graph, "ConcatV2", site => [Backport(site.Match.Node, context)], allowInconsistencies: true).AsNodesOnly(context);

    private static Node Backport(Node node, TransformContext context)
    {
        ImmutableArray<NodeInput> movable = context.IsVerbatim ? node.Inputs : [.. node.DataInputs];
        if (movable.IsEmpty)
            throw new TransformException(Diagnostics.StatusKind.Aborted, $"ConcatV2 node '{node.Name}' has no inputs", node.Name);
        ImmutableArray<NodeInput> controls = context.IsVerbatim ? [] : [.. node.ControlInputs];
        context.Count("nodes backported");
        return (node with { Op = "Concat", Inputs = [movable[^1], .. movable[..^1], .. controls] }).Without("Tidx");
    }
}
