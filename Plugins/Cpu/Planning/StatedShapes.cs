using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Planning;

/// <summary>Shapes that a graph's file states in the attribute <c>_output_shapes</c>.</summary>
internal static class StatedShapes
{
    /// <summary>Inferred shapes with what is unknown in them taken from the stated ones; a stated shape that contradicts the inferred one is passed over.</summary>
    public static TensorShape[] Refine(Node node, TensorShape[] inferred)
    {
        if (!node.Attributes.TryGetValue("_output_shapes", out var attribute) || attribute is not ListValue { Items: { Length: > 0 } stated })
            return inferred;
        TensorShape[] refined = inferred.Length > 0 ? inferred : [.. Enumerable.Repeat(TensorShape.Unknown, stated.Length)];
        for (int i = 0; i < Math.Min(refined.Length, stated.Length); i++)
        {
            if (stated[i] is ShapeValue shape)
                refined[i] = Tensors.Merge(refined[i], shape.Value) ?? refined[i];
        }
        return refined;
    }
}
