using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Shapes;

/// <summary>The same elements in the shape that the second input says; one dimension may be -1.</summary>
[Kernel("Reshape")]
internal sealed class Reshape : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) =>
        Tensors.Infer(node, () => Target(node.Shapes[0], node.Constants[1]!), 1);

    public Tensor[] Compute(KernelCall call) => [Tensors.Reshape(call.Inputs[0], Target(call.Inputs[0].Shape, call.Inputs[1]))];

    internal static TensorShape Target(TensorShape input, Tensor sizes)
    {
        if (sizes.Shape.Rank != 1)
            throw Refuse.Invalid($"sizes input must be 1-D, not {sizes.Shape}");
        long[] dimensions = Integers.Read(sizes);
        int missing = Missing(dimensions);
        if (missing >= 0)
            Complete(dimensions, missing, input);
        TensorShape shape = Tensors.ShapeOf(dimensions);
        return shape.ElementCount == input.ElementCount
            ? shape
            : throw Refuse.Invalid($"Input to reshape is a tensor with {input.ElementCount} values, but the requested shape has {shape.ElementCount}");
    }

    private static int Missing(long[] dimensions)
    {
        int missing = -1;
        for (int i = 0; i < dimensions.Length; i++)
        {
            if (dimensions[i] < -1)
                throw Refuse.Invalid($"Size {i} must be non-negative, not {dimensions[i]}");
            if (dimensions[i] != -1)
                continue;
            if (missing >= 0)
                throw Refuse.Invalid($"Only one input size may be -1, not both {missing} and {i}");
            missing = i;
        }
        return missing;
    }

    /// <summary>With a zero among the sizes, zeros count on neither side: [2,0] asked for as [0,-1] becomes [0,2].</summary>
    private static void Complete(long[] dimensions, int missing, TensorShape input)
    {
        dimensions[missing] = 1;
        long[] sizes = NonZeros(dimensions);
        long[] given = NonZeros(input.Dimensions.AsSpan());
        bool hasZero = sizes.Length < dimensions.Length;
        bool isEmpty = given.Length < input.Rank;
        long product = Tensors.ShapeOf(sizes).ElementCount;
        long count = isEmpty && !hasZero ? 0 : Tensors.Product(given);
        bool skipped = hasZero && isEmpty;
        if (!skipped && count % product != 0)
            throw Refuse.Invalid($"Input to reshape is a tensor with {count} values, but the requested shape requires a multiple of {product}");
        dimensions[missing] = count / product;
    }

    private static long[] NonZeros(ReadOnlySpan<long> dimensions)
    {
        var kept = new List<long>(dimensions.Length);
        foreach (long dimension in dimensions)
        {
            if (dimension != 0)
                kept.Add(dimension);
        }
        return kept.ToArray();
    }
}
