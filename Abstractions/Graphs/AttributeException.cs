namespace TransformFramework.Graphs;

/// <summary>A node lacks an attribute, or has it with a value of another kind. The message names node, op and attribute.</summary>
/// <param name="node">The node.</param>
/// <param name="attribute">Name of the attribute.</param>
/// <param name="problem">The rest of the sentence, such as "is absent".</param>
public sealed class AttributeException(Node node, string attribute, string problem) : Exception($"attribute '{attribute}' of node '{node.Name}' ({node.Op}) {problem}")
{
    /// <summary>Name of the node.</summary>
    public string Node { get; } = node.Name;

    /// <summary>Name of the attribute.</summary>
    public string Attribute { get; } = attribute;
}
