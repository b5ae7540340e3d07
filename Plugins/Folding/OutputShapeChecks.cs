using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Folding;

/// <summary>TensorFlow's import takes the shapes of the attribute <c>_output_shapes</c> over into its own inference, and drops the attribute.</summary>
internal static class OutputShapeChecks
{
    private const string Attribute = "_output_shapes";

    /// <summary>The graph without the attribute.</summary>
    /// <exception cref="TransformException">InvalidArgument: a node declares another shape than was inferred, or fewer shapes than it has outputs.</exception>
    public static Graph Drop(Graph graph, IReadOnlyDictionary<string, TensorShape[]> inferred) => graph.Select(node =>
    {
        if (!node.Attributes.TryGetValue(Attribute, out var value) || value is not ListValue declared)
            return node;
        TensorShape[] shapes = inferred.GetValueOrDefault(node.Name) ?? [];
        if (declared.Items.Length < shapes.Length)
            throw new TransformException(StatusKind.InvalidArgument, $"Node '{node.Name}' has {shapes.Length} outputs but the {Attribute} attribute specifies shapes for {declared.Items.Length} outputs", node.Name);
        for (int i = 0; i < shapes.Length; i++)
        {
            if (declared.Items[i] is ShapeValue shape && shape.Value.Merge(shapes[i]) is null)
                throw new TransformException(StatusKind.InvalidArgument, $"Node '{node.Name}' has an {Attribute} attribute inconsistent with the GraphDef for output #{i}: {shape.Value} and {shapes[i]}", node.Name);
        }
        return node.Without(Attribute);
    });
}
