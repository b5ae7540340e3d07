using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Transforms;

namespace TransformFramework.Structure;

/// <summary>
/// Gives one node another name, and its readers with it.
/// <code>
/// old = Relu(x)              new = Relu(x)
/// y = Add(old, old:1, ^old)  →   y = Add(new, new:1, ^new)
/// </code>
/// An absent old name changes nothing. The original leaves colocations (<c>_class</c>) on the old name; without --verbatim they follow. The run's inputs
/// and outputs keep the names given on the command line, so a node that is listed there is best renamed in a run of its own.
/// </summary>
[Transform("rename_node", Summary = "Gives one node another name.", IsClassic = true)]
public sealed class RenameNode : Transform<RenameNode.Options>
{
    private const string CountMessage =
        "rename_node expects exactly one 'old_node_name' and one 'new_node_name' argument, e.g. rename_node(old_attribute_name=super/deep/output, new_attribute_name=output)";

    public sealed record Options
    {
        [Option("old_node_name", "Node to rename.", CountMessage = CountMessage)]
        public required string OldNodeName { get; init; }

        [Option("new_node_name", "Its other name.", CountMessage = CountMessage)]
        public required string NewNodeName { get; init; }
    }

    protected override Graph Apply(Graph graph, Options options, TransformContext context)
    {
        string name = options.NewNodeName;
        if (graph.TryFind(name, out _))
            throw new TransformException(StatusKind.InvalidArgument, $"A node is alreading using {name}as name.", name);
        if (name.Length == 0)
            throw new TransformException(StatusKind.Aborted, "a node needs a name: new_node_name is empty", options.OldNodeName);
        if (!graph.TryFind(options.OldNodeName, out _))
            context.Report(StructureDiagnostics.NothingToRename.With(options.OldNodeName));
        var names = new Dictionary<string, string>(StringComparer.Ordinal) { [options.OldNodeName] = name };
        return graph.Select(node =>
        {
            if (node.Inputs.Any(input => input.Node == options.OldNodeName))
                node = node with { Inputs = [.. node.Inputs.Select(input => input.Node == options.OldNodeName ? input.WithNode(name) : input)] };
            if (!context.IsVerbatim)
                node = Colocations.Rename(node, names);
            return node.Name == options.OldNodeName ? node with { Name = name } : node;
        }).AsNodesOnly(context);
    }
}
