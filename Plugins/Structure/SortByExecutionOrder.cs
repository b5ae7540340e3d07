using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Transforms;

namespace TransformFramework.Structure;

/// <summary>
/// Lists every node after the nodes that it reads, for engines that load nodes in file order.
/// <code>
/// z = Relu(x)            x = Placeholder()
/// x = Placeholder()  →   z = Relu(x)
/// </code>
/// Fails when an input does not exist or a cycle is not closed by a Merge. The order is the original's: depth first from the last
/// root; sorting a sorted graph again may change it.
/// </summary>
[Transform("sort_by_execution_order", Summary = "Sorts nodes so that each is after its inputs.", IsClassic = true)]
public sealed class SortByExecutionOrder : Transform
{
    protected override Graph Apply(Graph graph, TransformContext context)
    {
        var (nodes, error) = ExecutionOrder.Sort(graph);
        return error is null ? graph.WithNodes(nodes).AsNodesOnly(context) : throw error;
    }
}
