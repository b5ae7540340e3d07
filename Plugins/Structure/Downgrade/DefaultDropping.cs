using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Toolkit.Ops.Releases;

namespace TransformFramework.Structure.Downgrade;

/// <summary>Drops attributes that a release does not know and that are at their default, so that the op means the same without them.</summary>
internal static class DefaultDropping
{
    /// <summary>Attributes that say nothing about what a node computes.</summary>
    private static readonly HashSet<string> Hints = new(StringComparer.Ordinal)
    {
        "If.output_shapes", "While.output_shapes", "StatelessIf.output_shapes", "StatelessWhile.output_shapes", "While.parallel_iterations", "StatelessWhile.parallel_iterations",
        "VarHandleOp.debug_name", "VarHandleOp.allowed_devices", "AssignVariableOp.validate_shape", "PartitionedCall.config", "PartitionedCall.config_proto", "PartitionedCall.executor_type",
        "StatefulPartitionedCall.config", "StatefulPartitionedCall.config_proto", "StatefulPartitionedCall.executor_type",
    };

    public static Graph Apply(Graph graph, TensorFlowRelease target)
    {
        Graph result = graph.Select(node => Drop(node, target));
        if (result.Functions.IsEmpty)
            return result;
        return result.WithFunctions(result.Functions with
        {
            Functions = [.. result.Functions.Functions.Select(function => function with { Nodes = [.. function.Nodes.Select(node => Drop(node, target))] })],
        });
    }

    private static Node Drop(Node node, TensorFlowRelease target)
    {
        if (OpHistory.Find(node.Op)?.At(target) is not { } definition)
            return node;
        foreach (var (name, value) in node.Attributes)
        {
            if (!name.StartsWith('_') && definition.Attribute(name) is null && (Hints.Contains($"{node.Op}.{name}") || IsDefault(node.Op, name, value)))
                node = node.Without(name);
        }
        return node;
    }

    private static bool IsDefault(string op, string name, AttributeValue value) => OpTable.Find(op)?.Attribute(name)?.Default is { } usual && usual.Equals(value);
}
