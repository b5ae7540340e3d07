using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Movement;

/// <summary>Views and lists of tensors, and shape inference by the rule that the computation uses.</summary>
internal static class Tensors
{
    /// <summary>The same elements in another shape; nothing is copied.</summary>
    public static Tensor Reshape(Tensor tensor, TensorShape shape)
    {
        if (tensor.Shape.Equals(shape))
            return tensor;
        return tensor.Type == DataType.String ? Tensor.FromStrings(shape, tensor.Strings) : Tensor.FromContent(tensor.Type, shape, tensor.Bytes);
    }

    /// <summary>The elements at strided places of a tensor, in a shape of their number.</summary>
    public static Tensor Take(Tensor source, Strided from, ReadOnlySpan<long> dimensions, TensorShape shape)
    {
        TensorBuilder result = TensorBuilder.Of(source.Type, shape);
        result.Copy(source, from, new(0, Strided.RowMajor(dimensions)), dimensions);
        return result.Build();
    }

    /// <summary>Product of dimensions from one index up to another.</summary>
    public static long Product(ReadOnlySpan<long> dimensions)
    {
        long product = 1;
        foreach (long dimension in dimensions)
            product *= dimension;
        return product;
    }

    /// <summary>The shape with other dimensions, each computed from its value and its axis.</summary>
    public static TensorShape Map(TensorShape shape, Func<long, int, long> dimension)
    {
        long[] dimensions = new long[shape.Dimensions.Length];
        for (int axis = 0; axis < dimensions.Length; axis++)
            dimensions[axis] = dimension(shape[axis], axis);
        return TensorShape.Of(dimensions);
    }

    /// <summary>The shape without some of its axes.</summary>
    public static TensorShape Keep(TensorShape shape, Predicate<int> isKept)
    {
        var dimensions = new List<long>(shape.Dimensions.Length);
        for (int axis = 0; axis < shape.Dimensions.Length; axis++)
        {
            if (isKept(axis))
                dimensions.Add(shape[axis]);
        }
        return TensorShape.Of(dimensions.ToArray());
    }

    /// <summary>The shape of dimensions that an input gave.</summary>
    public static TensorShape ShapeOf(ReadOnlySpan<long> dimensions)
    {
        foreach (long dimension in dimensions)
        {
            if (dimension < 0)
                throw Refuse.Invalid($"Dimension {dimension} must be >= 0");
        }
        TensorShape shape = TensorShape.Of(dimensions);
        return shape.TryCount(out _) ? shape : throw Refuse.Invalid($"Shape {shape} would have more than 2**63 - 1 elements");
    }

    /// <summary>The shape by a rule when everything that it needs is known.</summary>
    public static IReadOnlyList<TensorShape> Infer(ShapeInference node, Func<TensorShape> rule, params ReadOnlySpan<int> constants) =>
        IsKnown(node, constants) ? [rule()] : [TensorShape.Unknown];

    /// <summary>True when all input shapes and the values of some inputs are known.</summary>
    public static bool IsKnown(ShapeInference node, params ReadOnlySpan<int> constants)
    {
        foreach (TensorShape shape in node.Shapes)
        {
            if (!shape.IsFullyKnown)
                return false;
        }
        foreach (int input in constants)
        {
            if (node.Constants[input] is null)
                return false;
        }
        return true;
    }
}
