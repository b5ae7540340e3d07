using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Transforms;

namespace TransformFramework.Structure;

/// <summary>
/// Clears the device of every node.
/// <code>
/// y = Relu(x) @/gpu:0    →   y = Relu(x)
/// </code>
/// The runtime then places the nodes. As in the original.
/// </summary>
[Transform("remove_device", Summary = "Clears the device of every node.", IsClassic = true)]
public sealed class RemoveDevice : Transform
{
    protected override Graph Apply(Graph graph, TransformContext context) => graph.Select(node =>
    {
        if (node.Device.Length == 0)
            return node;
        context.Count("devices removed");
        return node with { Device = "" };
    }).AsNodesOnly(context);
}
