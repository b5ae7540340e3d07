using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Graphs;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Toolkit.Ops.Releases;
using TransformFramework.Transforms;

namespace TransformFramework.Toolkit.Classic;

/// <summary>
/// What TensorFlow's graph import does to a graph: checks each node against its op, adds default attributes, orders nodes by their inputs and control inputs by name. Outside verbatim mode
/// no attribute is added that the release that wrote the graph may not know.
/// </summary>
public static class GraphImport
{
    /// <exception cref="TransformException">In verbatim mode: a node that TensorFlow would not import.</exception>
    public static Graph Apply(Graph graph, TransformContext context)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var unknown = new HashSet<string>(StringComparer.Ordinal);
        TensorFlowRelease oldest = StoredDefaults.OldestWriter(graph);
        OpRelease release = context.IsVerbatim ? OpRelease.Tf115 : OpRelease.Union;
        var nodes = ImmutableArray.CreateBuilder<Node>(graph.Nodes.Length);
        foreach (Node node in graph.Nodes)
        {
            if (!names.Add(node.Name))
                throw new TransformException(StatusKind.InvalidArgument, $"Node '{node.Name}' is not unique", node.Name);
            OpDefinition? definition = Find(node);
            if (definition is null && context.IsVerbatim)
                throw new TransformException(StatusKind.NotFound, $"Op type not registered '{node.Op}' in binary running on HOST. Make sure the Op and Kernel are registered in the binary running in this process.", node.Name);
            if (definition is null && unknown.Add(node.Op))
                context.Report(ToolkitDiagnostics.UnknownOp.At(node, node.Op, "its nodes stay as they are"));
            nodes.Add(WithOrderedControls(definition is null ? node : Complete(node, definition, context, oldest)));
        }
        if (GraphChecks.InvalidInputs(graph).FirstOrDefault() is { Node: { } reader } invalid)
            throw new TransformException(StatusKind.InvalidArgument, $"Node '{reader.Name}': Unknown input node '{invalid.Input}'", reader.Name);
        Graph complete = graph.WithNodes(nodes.MoveToImmutable());
        if (context.IsVerbatim)
            ImportChecks.CheckInputs(complete, node => node.Op.StartsWith('_') ? null : Find(node)); // The arguments of internal ops are those of one release only.
        Graph imported = ImportOrder.Sort(complete);
        return imported.Nodes.Length == graph.Nodes.Length
            ? imported
            : throw new TransformException(StatusKind.InvalidArgument, $"{graph.Nodes.Length - imported.Nodes.Length} nodes in a cycle");

        OpDefinition? Find(Node node) => graph.Functions.Find(node.Op)?.Signature ?? OpTable.Find(node.Op, release);
    }

    private static Node Complete(Node node, OpDefinition definition, TransformContext context, TensorFlowRelease oldest)
    {
        foreach (AttributeDefinition attribute in definition.Attributes)
        {
            if (node.Attributes.ContainsKey(attribute.Name))
                continue;
            if (attribute.Default is null && (context.IsVerbatim || StoredDefaults.IsRequired(node.Op, attribute.Name)))
                throw new TransformException(StatusKind.InvalidArgument, $"NodeDef missing attr '{attribute.Name}' from Op<name={node.Op}>", node.Name);
            if (attribute.Default is { } value && (context.IsVerbatim || StoredDefaults.Include(node.Op, attribute.Name, oldest)))
                node = node.With(attribute.Name, value);
        }
        if (context.IsVerbatim)
            ImportChecks.CheckAttributes(node, definition);
        return node;
    }

    private static Node WithOrderedControls(Node node) => node.Inputs.Any(input => input.IsControl)
        ? node with { Inputs = [.. node.DataInputs, .. node.ControlInputs.Distinct().OrderBy(input => input.Node, NameOrder.Instance)] }
        : node;
}
