using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Structure;

/// <summary>
/// Drops every control input.
/// <code>
/// y = Relu(x, ^init)     →   y = Relu(x)
/// </code>
/// Nodes that ran only for their side effects may no longer run. As in the original, dangling control inputs go too. The original also drops what ties a constant to
/// its loop or branch, and so mixes frames; without --verbatim a node without data inputs keeps the control inputs that come from a loop or a branch.
/// </summary>
[Transform("remove_control_dependencies", Summary = "Drops every control input.", IsClassic = true)]
public sealed class RemoveControlDependencies : Transform
{
    protected override Graph Apply(Graph graph, TransformContext context)
    {
        var anchoring = context.IsVerbatim ? [] : Anchoring(graph);
        return graph.Select(node => WithoutControls(node, anchoring, context)).AsNodesOnly(context);
    }

    private static Node WithoutControls(Node node, HashSet<string> anchoring, TransformContext context)
    {
        if (!node.ControlInputs.Any())
            return node;
        bool isSource = !node.DataInputs.Any();
        ImmutableArray<NodeInput> kept = isSource ? [.. node.Inputs.Where(input => anchoring.Contains(input.Node))] : [.. node.DataInputs];
        if (isSource && !kept.IsEmpty)
        {
            context.Explain(node.Name, $"'{kept[0]}' ties it to a loop or branch");
            context.Report(StructureDiagnostics.ControlKept.At(node, kept[0]));
        }
        context.Count("control inputs removed", node.Inputs.Length - kept.Length);
        return kept.Length == node.Inputs.Length ? node : node with { Inputs = kept };
    }

    /// <summary>Nodes that run in a loop or in one branch of a condition only.</summary>
    private static HashSet<string> Anchoring(Graph graph)
    {
        var anchoring = LoopFrames.Of(graph, out _).Where(frame => frame.Value.Length > 0).Select(frame => frame.Key).ToHashSet(StringComparer.Ordinal);
        anchoring.UnionWith(graph.Downstream(graph.Nodes.Where(node => node.Op is "Switch" or "RefSwitch"), consumer => consumer.Node.Op is not ("Merge" or "RefMerge")));
        return anchoring;
    }
}
