using System.Numerics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Reductions;

/// <summary>
/// How often, or with which sum of weights, each number from 0 to size - 1 occurs, in all or in each row of a matrix; larger ones are left out. With <c>binary_output</c> only whether it occurs.
/// </summary>
[Kernel("DenseBincount")]
internal sealed class DenseBincount : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => node.Constants[1] is { } size && !node.Shapes[0].IsUnknownRank
        ? [Shape(node.Shapes[0], Integers.Scalar(size, "size"))]
        : [TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call) => [call.Inputs[2].Type switch
    {
        DataType.Int32 => Count<int>(call),
        DataType.Int64 => Count<long>(call),
        DataType.Float => Count<float>(call),
        DataType.Double => Count<double>(call),
        _ => throw Refuse.Type(call.Inputs[2].Type, "int32, int64, float and double"),
    }];

    private static Tensor Count<T>(KernelCall call)
        where T : unmanaged, INumber<T>
    {
        Tensor input = call.Inputs[0];
        Tensor weighting = call.Inputs[2];
        long size = Integers.Scalar(call.Inputs[1], "size");
        bool isBinary = call.Node.Bool("binary_output");
        TensorShape shape = Shape(input.Shape, size);
        if (weighting.ElementCount != 0 && !weighting.Shape.Equals(input.Shape))
            throw Refuse.Invalid($"`weights` must be the same shape as `arr` or a length-0 `Tensor`, in which case it acts as all weights equal to 1. Received {weighting.Shape}");
        long[] numbers = Integers.Read(input);
        ReadOnlySpan<T> weights = weighting.AsSpan<T>();
        int row = input.Shape.Rank == 2 ? (int)input.Shape[1] : Math.Max(numbers.Length, 1);
        Tensor result = Tensor.Allocate<T>(weighting.Type, shape, out var bins);
        for (int i = 0; i < numbers.Length; i++)
        {
            if (numbers[i] < 0)
                throw Refuse.Invalid("Input arr must be non-negative!");
            if (numbers[i] >= size)
                continue;
            ref T bin = ref bins[(int)((i / row * size) + numbers[i])];
            bin = isBinary ? T.One : bin + (weights.IsEmpty ? T.One : weights[i]);
        }
        return result;
    }

    private static TensorShape Shape(TensorShape input, long size)
    {
        if (input.Rank > 2)
            throw Refuse.Invalid($"Shape must be at most rank 2 but is rank {input.Rank}");
        if (size < 0)
            throw Refuse.Invalid($"size ({size}) must be non-negative");
        return input.Rank == 2 ? TensorShape.Of(input[0], size) : TensorShape.Of(size);
    }
}
