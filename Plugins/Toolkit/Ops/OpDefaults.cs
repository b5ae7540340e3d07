using System.Collections.Concurrent;
using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Ops;

/// <summary>Completes nodes with the default attributes of the op table. Thread-safe.</summary>
public static class OpDefaults
{
    private static readonly ConcurrentDictionary<OpDefinition, KeyValuePair<string, AttributeValue>[]> DefaultsByOp = new(ReferenceEqualityComparer.Instance);

    /// <summary>The node with every absent attribute that has a default; the same instance when none is missing or the op is unknown.</summary>
    public static Node Complete(Node node)
    {
        AttributeMap attributes = node.Attributes;
        if (OpTable.Find(node.Op) is not { } definition)
            return node;
        foreach (var (name, value) in DefaultsByOp.GetOrAdd(definition, Defaults))
        {
            if (!attributes.ContainsKey(name))
                attributes = attributes.With(name, value);
        }
        return ReferenceEquals(attributes, node.Attributes) ? node : node with { Attributes = attributes };
    }

    private static KeyValuePair<string, AttributeValue>[] Defaults(OpDefinition definition)
    {
        var defaults = new List<KeyValuePair<string, AttributeValue>>();
        foreach (AttributeDefinition attribute in definition.Attributes)
        {
            if (attribute.Default is { } value)
                defaults.Add(new(attribute.Name, value));
        }
        return [.. defaults];
    }
}
