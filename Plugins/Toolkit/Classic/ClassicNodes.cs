using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Toolkit.Classic;

/// <summary>What the original's transforms read from nodes; where the original's process ended for want of it, the step fails as Aborted.</summary>
public static class ClassicNodes
{
    /// <summary>The attribute of a node.</summary>
    /// <exception cref="TransformException">Aborted: the node has no such attribute.</exception>
    public static AttributeValue RequiredAttribute(this Node node, string name) =>
        node.Attributes.TryGetValue(name, out var value)
            ? value
            : throw new TransformException(StatusKind.Aborted, $"attribute '{name}' of '{node.Name}' ({node.Op}) is absent", node.Name) { Suggestion = "Run add_default_attributes first." };

    /// <summary>The tensor in the attribute <c>value</c>.</summary>
    /// <exception cref="TransformException">Aborted: there is none, or its elements cannot be read.</exception>
    public static Tensor ConstantValue(this Node node) =>
        node.TensorAttribute("value") is { IsDecodable: true } tensor
            ? tensor
            : throw new TransformException(StatusKind.Aborted, $"'{node.Name}' ({node.Op}) holds no readable tensor in its attribute 'value'", node.Name);

    /// <summary>The float tensor in the attribute <c>value</c>.</summary>
    /// <exception cref="TransformException">Aborted: there is none, or it has another type.</exception>
    public static Tensor FloatConstant(this Node node) =>
        node.ConstantValue() is { Type: DataType.Float } tensor
            ? tensor
            : throw new TransformException(StatusKind.Aborted, $"'{node.Name}' holds {node.ConstantValue().Type.Name()} elements; only float ones can be folded", node.Name);

    /// <summary>This node with an attribute of another node under a name, when that node has it.</summary>
    public static Node WithAttributeOf(this Node node, Node source, string name) =>
        source.Attributes.TryGetValue(name, out var value) ? node.With(name, value) : node;
}
