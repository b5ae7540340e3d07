using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Comparison;

/// <summary>Whether elements exceed a threshold, eight of the last dimension in a byte, the first in the highest bit.</summary>
[Kernel("CompareAndBitpack")]
internal sealed class CompareAndBitpack : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) =>
        node.Shapes[0] is { IsUnknownRank: false, Rank: > 0 } shape && shape[shape.Rank - 1] >= 0 ? [Packed(shape)] : [TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        if (call.Inputs[1].Shape.Rank != 0)
            throw Refuse.Invalid("Compare must be a scalar, but saw shape: " + call.Inputs[1].Shape);
        if (input.Shape.Rank == 0 || input.Shape[input.Shape.Rank - 1] % 8 != 0)
            throw Refuse.Invalid($"Inner dimension of input should be divisible by 8, but saw shape: {input.Shape}");
        bool[] exceeds = input.Type == DataType.Bool ? input.AsSpan<bool>().ToArray() : Exceeds(input, call.Inputs[1]);
        Tensor result = Tensor.Allocate<byte>(DataType.UInt8, Packed(input.Shape), out var bytes);
        for (int i = 0; i < exceeds.Length; i++)
        {
            if (exceeds[i])
                bytes[i / 8] |= (byte)(0x80 >> (i % 8));
        }
        return [result];
    }

    private static bool[] Exceeds(Tensor input, Tensor threshold)
    {
        double limit = RealValues.ToDoubles(threshold)[0];
        return [.. RealValues.ToDoubles(input).Select(value => value > limit)];
    }

    private static TensorShape Packed(TensorShape shape) => TensorShape.Of([.. shape.Dimensions[..^1], shape[shape.Rank - 1] / 8]);
}
