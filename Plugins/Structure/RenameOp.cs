using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Transforms;

namespace TransformFramework.Structure;

/// <summary>
/// Gives every node of one op another op name.
/// <code>
/// y = Mul(a, b)          →   y = Multiply(a, b)
/// </code>
/// Inputs and attributes stay; nothing checks that the other op fits. As in the original.
/// </summary>
[Transform("rename_op", Summary = "Gives every node of one op another op name.", IsClassic = true)]
public sealed class RenameOp : Transform<RenameOp.Options>
{
    private const string CountMessage = "rename_op expects exactly one 'old_op_name' and 'new_op_name' argument, e.g. rename_op(old_op_name=Mul, new_op_name=Multiply)";

    public sealed record Options
    {
        [Option("old_op_name", "Op to look for.", CountMessage = CountMessage)]
        public required string OldOpName { get; init; }

        [Option("new_op_name", "Op to put in its place.", CountMessage = CountMessage)]
        public required string NewOpName { get; init; }
    }

    protected override Graph Apply(Graph graph, Options options, TransformContext context) => graph.Select(node =>
        node.Op == options.OldOpName ? node with { Op = options.NewOpName } : node).AsNodesOnly(context);
}
