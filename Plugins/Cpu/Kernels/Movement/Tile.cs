using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Movement;

/// <summary>Repeats the input along each dimension.</summary>
[Kernel("Tile")]
internal sealed class Tile : IKernel
{
    private const int HighestRank = 7;

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => Tensors.Infer(node, () => Target(node.Shapes[0], node.Constants[1]!).Shape, 1);

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        var (shape, multiples) = Target(input.Shape, call.Inputs[1]);
        int rank = shape.Rank;
        int[] strides = Strided.RowMajor(input.Shape.Dimensions.AsSpan());
        int[] repeated = new int[2 * rank];
        long[] dimensions = new long[2 * rank];
        for (int i = 0; i < rank; i++)
        {
            dimensions[2 * i] = multiples[i];
            dimensions[(2 * i) + 1] = input.Shape[i];
            repeated[(2 * i) + 1] = strides[i];
        }
        return [Tensors.Take(input, new(0, repeated), dimensions, shape)];
    }

    private static (TensorShape Shape, long[] Multiples) Target(TensorShape input, Tensor counts)
    {
        if (counts.Shape.Rank != 1)
            throw Refuse.Invalid($"Expected multiples to be 1-D, but got shape {counts.Shape}");
        long[] multiples = Integers.Read(counts);
        if (multiples.Length != input.Rank)
            throw Refuse.Invalid($"Expected multiples argument to be a vector of length {input.Rank} but got length {multiples.Length}");
        for (int i = 0; i < multiples.Length; i++)
        {
            if (multiples[i] < 0)
                throw Refuse.Invalid($"Expected multiples[{i}] >= 0, but got {multiples[i]}");
        }
        if (input.Rank > HighestRank)
            throw Refuse.Unimplemented($"TileOp : The input dimension is not supported, Dimension : {input.Rank}");
        return (Tensors.ShapeOf([.. input.Dimensions.Select((dimension, i) => dimension * multiples[i])]), multiples);
    }
}
