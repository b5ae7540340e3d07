using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Shapes;

/// <summary>The dimensions of each input as a vector.</summary>
[Kernel("Shape", "ShapeN")]
internal sealed class Shape : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) =>
        [.. node.Shapes.Select(shape => TensorShape.Of(shape.Rank))];

    public Tensor[] Compute(KernelCall call)
    {
        DataType type = call.Node.Type("out_type");
        return [.. call.Inputs.Select(input => Vector(type, input.Shape))];
    }

    private static Tensor Vector(DataType type, TensorShape shape)
    {
        foreach (long dimension in shape.Dimensions)
            Size.CheckFits(type, dimension);
        return Integers.Write(type, TensorShape.Of(shape.Rank), shape.Dimensions.AsSpan());
    }
}

/// <summary>The number of elements.</summary>
[Kernel("Size")]
internal sealed class Size : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Scalar];

    public Tensor[] Compute(KernelCall call)
    {
        DataType type = call.Node.Type("out_type");
        long count = call.Inputs[0].ElementCount;
        CheckFits(type, count);
        return [Integers.Write(type, TensorShape.Scalar, [count])];
    }

    internal static void CheckFits(DataType type, long value)
    {
        if (type == DataType.Int32 && value > int.MaxValue)
            throw Refuse.Invalid($"Number of elements {value} was larger than representable by 32-bit output type");
    }
}

/// <summary>The number of dimensions.</summary>
[Kernel("Rank")]
internal sealed class Rank : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Scalar];

    public Tensor[] Compute(KernelCall call) => [Tensor.Scalar(call.Inputs[0].Shape.Rank)];
}
