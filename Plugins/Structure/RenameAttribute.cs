using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Transforms;

namespace TransformFramework.Structure;

/// <summary>
/// Gives an attribute another name, on the nodes of one op or on all.
/// <code>
/// y = Foo(x) {old=1}     →   y = Foo(x) {new=1}
/// </code>
/// Where the other name exists already its value stays and the old attribute goes, as in the original.
/// </summary>
[Transform("rename_attribute", Summary = "Gives an attribute another name.", IsClassic = true)]
public sealed class RenameAttribute : Transform<RenameAttribute.Options>
{
    private const string CountMessage =
        "rename_attribute expects exactly one 'old_attribute_name' and one 'new_attribute_name' argument, e.g. rename_attribute(old_attribute_name=foo, new_attribute_name=bar)";

    public sealed record Options
    {
        [Option("old_attribute_name", "Attribute to look for.", CountMessage = CountMessage)]
        public required string OldAttributeName { get; init; }

        [Option("new_attribute_name", "Name to give it.", CountMessage = CountMessage)]
        public required string NewAttributeName { get; init; }

        [Option("op_name", "Op of the nodes concerned; * for all.", FirstValueCounts = true)]
        public string OpName { get; init; } = "*";
    }

    protected override Graph Apply(Graph graph, Options options, TransformContext context) => graph.Select(node =>
    {
        if ((options.OpName != "*" && node.Op != options.OpName) || !node.Attributes.TryGetValue(options.OldAttributeName, out var value))
            return node;
        Node without = node.Without(options.OldAttributeName);
        context.Count("attributes renamed");
        return without.Attributes.ContainsKey(options.NewAttributeName) ? without : without.With(options.NewAttributeName, value);
    }).AsNodesOnly(context);
}
