using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Ops.Releases;

/// <summary>
/// Which attributes are written with their default value. A release refuses a node with an attribute that it does not know and fills in the defaults of those that it knows, so a default is
/// written only where every release that may read the graph knows the attribute.
/// </summary>
public static class StoredDefaults
{
    /// <summary>The newest release whose additions are written when nothing says which release reads the graph.</summary>
    public static TensorFlowRelease Common { get; } = TensorFlowRelease.Find("1.15")!;

    /// <summary>
    /// The oldest release that may have written a graph: of those with its producer number, or with the next lower one, the first. <see cref="Common"/> when that is older, or when the graph
    /// has no producer number.
    /// </summary>
    public static TensorFlowRelease OldestWriter(Graph graph)
    {
        if (graph.Versions is not { Producer: > 0 and var producer })
            return Common;
        TensorFlowRelease latest = TensorFlowRelease.All.LastOrDefault(release => release.Producer <= producer) ?? TensorFlowRelease.All[0];
        TensorFlowRelease first = TensorFlowRelease.OfProducer(latest.Producer)!;
        return first < Common ? first : Common;
    }

    /// <summary>True when an attribute is written at its default: the op never was without it, or has it since the given release. All attributes of an unknown op are.</summary>
    public static bool Include(string op, string attribute, TensorFlowRelease reader) => OpHistory.Find(op)?.AlwaysHad(attribute, reader) ?? true;

    /// <summary>True when a node of the op cannot be without the attribute in any release.</summary>
    public static bool IsRequired(string op, string attribute) => OpHistory.Find(op)?.AlwaysRequires(attribute) ?? true;

    /// <summary>The node with every absent attribute that is written at its default; the same instance when there is none or the op is unknown.</summary>
    public static Node Complete(Node node, TensorFlowRelease reader)
    {
        foreach (AttributeDefinition attribute in OpTable.Find(node.Op)?.Attributes ?? [])
        {
            if (attribute.Default is { } value && !node.Attributes.ContainsKey(attribute.Name) && Include(node.Op, attribute.Name, reader))
                node = node.With(attribute.Name, value);
        }
        return node;
    }
}
