using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Toolkit.Ops.Releases;
using TransformFramework.Transforms;

namespace TransformFramework.Structure;

/// <summary>
/// Writes out the default of every attribute that a node leaves to its op, so that later transforms find it.
/// <code>
/// y = LRN(x)             →   y = LRN(x) {T=float, alpha=1, beta=0.5, bias=1, depth_radius=5}
/// </code>
/// Attributes that are there stay, whatever their value. Functions of the graph's library are ops too. The original knows the ops of its own release and
/// fails on any other; without --verbatim ops of all releases are known, attributes that came after 1.15 are not written, so that 1.15 still reads the graph, and unknown ops stay as they are,
/// with a warning.
/// </summary>
[Transform("add_default_attributes", Summary = "Writes out the defaults of absent attributes.", IsClassic = true)]
public sealed class AddDefaultAttributes : Transform
{
    protected override Graph Apply(Graph graph, TransformContext context)
    {
        var release = context.IsVerbatim ? OpRelease.Tf115 : OpRelease.Union;
        var unknown = new HashSet<string>(StringComparer.Ordinal);
        return graph.Select(node =>
        {
            OpDefinition? definition = graph.Functions.Find(node.Op)?.Signature ?? OpTable.Find(node.Op, release);
            if (definition is not null)
                return Complete(node, definition, context);
            if (context.IsVerbatim)
                throw new TransformException(StatusKind.NotFound, $"Op type not registered '{node.Op}' in binary running on HOST. Make sure the Op and Kernel are registered in the binary running in this process.", node.Name);
            if (unknown.Add(node.Op))
                context.Report(ToolkitDiagnostics.UnknownOp.At(node, node.Op, "its nodes get no defaults"));
            return node;
        });
    }

    private static Node Complete(Node node, OpDefinition definition, TransformContext context)
    {
        foreach (AttributeDefinition attribute in definition.Attributes)
        {
            if (attribute.Default is null || node.Attributes.ContainsKey(attribute.Name))
                continue;
            if (!context.IsVerbatim && !StoredDefaults.Include(node.Op, attribute.Name, StoredDefaults.Common))
                continue;
            node = node.With(attribute.Name, attribute.Default);
            context.Count("attributes added");
        }
        return node;
    }
}
