using TransformFramework.Graphs;
using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite.Writing;

/// <summary>Lists of tensors whose elements are not set yet.</summary>
internal static class ListZeros
{
    /// <summary>The zeros of a list whose elements have a shape.</summary>
    public static TensorDraft Of(NodeWriter node, TensorDraft list, long[] element)
    {
        TensorDraft count = list.ElementCount!;
        TensorDraft sizes = node.Int32Constant(element);
        TensorDraft dimensions = count.Constant is { } known
            ? node.Int32Constant([ShapeRules.Integers(known)![0], .. element])
            : element.Length == 0 ? node.Emit("RESHAPE", [count, node.Int32Constant([1])]) : node.Emit("CONCATENATION", [node.Emit("RESHAPE", [count, node.Int32Constant([1])]), sizes]);
        return Of(node, list, dimensions, [.. list.Shapes.Select(shape => (int[])[shape[0], .. element.Select(size => (int)size)])]);
    }

    /// <summary>Zeros of dimensions that are computed in the run.</summary>
    public static TensorDraft Of(NodeWriter node, TensorDraft list, TensorDraft dimensions, int[][] shapes)
    {
        TensorDraft zero = node.Constant(Tensor.FromValues(list.Type.ToGraph(), TensorShape.Scalar, default));
        TensorDraft filled = node.Emit("FILL", [dimensions, zero], list.Type);
        filled.Shapes = shapes;
        return filled;
    }
}
