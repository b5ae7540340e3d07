using TransformFramework.Graphs;
using TransformFramework.Toolkit.Graphs;

namespace TransformFramework.Cpu.Analysis;

/// <summary>Shapes that a graph's file declares in the attribute <c>_output_shapes</c>.</summary>
internal static class DeclaredShapes
{
    /// <summary>Inferred shapes with what is unknown in them taken from the declared ones; a declared shape that contradicts the inferred one is passed over.</summary>
    public static TensorShape[] Refine(Node node, TensorShape[] inferred)
    {
        if (!node.Attributes.TryGetValue("_output_shapes", out var attribute) || attribute is not ListValue { Items: { Length: > 0 } declared })
            return inferred;
        TensorShape[] refined = inferred.Length > 0 ? inferred : [.. Enumerable.Repeat(TensorShape.Unknown, declared.Length)];
        for (int i = 0; i < Math.Min(refined.Length, declared.Length); i++)
        {
            if (declared[i] is ShapeValue shape)
                refined[i] = refined[i].Merge(shape.Value) ?? refined[i];
        }
        return refined;
    }
}
