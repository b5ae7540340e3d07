using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Transforms;

namespace TransformFramework.Structure;

/// <summary>
/// Merges nodes of equal op, inputs, attributes and device, again and again until none are equal.
/// <code>
/// a = Relu(x)            a = Relu(x)
/// b = Relu(x)        →   y = Add(a, a)
/// y = Add(a, b)
/// </code>
/// Stateful ops stay, and so do the run's inputs and outputs. What the graph computes does not change. The result is listed in the order of the
/// original's node hash. The original also merges placeholders that are not listed as inputs, nodes of different loop frames, and outputs
/// listed with a port; without --verbatim these stay.
/// </summary>
[Transform("merge_duplicate_nodes", Summary = "Merges nodes that compute the same.", IsClassic = true)]
public sealed class MergeDuplicateNodes : Transform
{
    protected override Graph Apply(Graph graph, TransformContext context) => DuplicateMerging.Apply(graph, context).AsNodesOnly(context);
}
