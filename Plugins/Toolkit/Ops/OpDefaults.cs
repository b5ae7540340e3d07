using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Ops;

/// <summary>Completes nodes with the default attributes of the op table.</summary>
public static class OpDefaults
{
    /// <summary>The node with every absent attribute that has a default.</summary>
    public static Node Complete(Node node)
    {
        if (OpTable.Find(node.Op) is not { } definition)
            return node;
        AttributeMap attributes = node.Attributes;
        foreach (var attribute in definition.Attributes)
        {
            if (attribute.Default is { } value && !attributes.ContainsKey(attribute.Name))
                attributes = attributes.With(attribute.Name, value);
        }
        return ReferenceEquals(attributes, node.Attributes) ? node : node with { Attributes = attributes };
    }
}
