using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Transforms;

namespace TransformFramework.Structure;

/// <summary>
/// Removes an attribute from the nodes of one op, or from all.
/// <code>
/// y = Relu(x) {T=float, _class=["loc:@x"]}   →   y = Relu(x) {T=float}
/// </code>
/// As in the original; the op is compared as a whole.
/// </summary>
[Transform("remove_attribute", Summary = "Removes an attribute from nodes.", IsClassic = true)]
public sealed class RemoveAttribute : Transform<RemoveAttribute.Options>
{
    private const string CountMessage = "remove_attribute expects exactly one 'attribute_name' argument, e.g. remove_attribute(op_name=Mul, attribute_name=foo)";

    public sealed record Options
    {
        [Option("attribute_name", "Attribute to remove.", CountMessage = CountMessage)]
        public required string AttributeName { get; init; }

        [Option("op_name", "Op of the nodes that lose it; * for all.", CountMessage = "remove_attribute expects a single op_name argument, but found several")]
        public string OpName { get; init; } = "*";
    }

    protected override Graph Apply(Graph graph, Options options, TransformContext context) => graph.Select(node =>
    {
        if ((options.OpName != "*" && node.Op != options.OpName) || !node.Attributes.ContainsKey(options.AttributeName))
            return node;
        context.Count("attributes removed");
        return node.Without(options.AttributeName);
    }).AsNodesOnly(context);
}
