using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Transforms;

namespace TransformFramework.Structure;

/// <summary>
/// Drops every control input.
/// <code>
/// y = Relu(x, ^init)     →   y = Relu(x)
/// </code>
/// Nodes that ran only for their side effects may no longer run. As in the original, dangling control inputs go too.
/// </summary>
[Transform("remove_control_dependencies", Summary = "Drops every control input.", IsClassic = true)]
public sealed class RemoveControlDependencies : Transform
{
    protected override Graph Apply(Graph graph, TransformContext context) => graph.Select(node =>
    {
        int controls = node.ControlInputs.Count();
        if (controls == 0)
            return node;
        context.Count("control inputs removed", controls);
        return node with { Inputs = [.. node.DataInputs] };
    }).AsNodesOnly(context);
}
