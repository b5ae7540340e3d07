using System.Numerics;
using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Gathering;

/// <summary>Coordinates of the elements that are not zero, in row-major order.</summary>
[Kernel("Where")]
internal sealed class Where : IKernel
{
    private const int HighestRank = 8;

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) =>
        [node.Shapes[0].IsUnknownRank ? TensorShape.Unknown : TensorShape.Of(-1, node.Shapes[0].Rank)];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        int rank = input.Shape.Rank;
        if (rank is 0 or > HighestRank)
            throw Refuse.Invalid($"WhereOp : Unhandled input dimensions: {rank}");
        List<int> places = Places(input);
        Tensor result = Tensor.Allocate<long>(DataType.Int64, TensorShape.Of(places.Count, rank), out var coordinates);
        int[] strides = Strided.RowMajor(input.Shape.Dimensions.AsSpan());
        for (int i = 0; i < places.Count; i++)
        {
            int rest = places[i];
            for (int axis = 0; axis < rank; axis++)
            {
                coordinates[(i * rank) + axis] = rest / strides[axis];
                rest %= strides[axis];
            }
        }
        return [result];
    }

    private static List<int> Places(Tensor input)
    {
        switch (input.Type)
        {
            case DataType.Bool:
                return NonZero(input.AsSpan<byte>());
            case DataType.Int64 or DataType.UInt64:
                return NonZero(input.AsSpan<long>());
            case DataType.Complex64:
                return NonZero<float>(Parts(input), stride: 2);
            case DataType.Complex128:
                return NonZero<double>(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, double>(input.Bytes.Span), stride: 2);
            default:
                return NonZero<double>(RealValues.ToDoubles(input));
        }
    }

    private static ReadOnlySpan<float> Parts(Tensor input) => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(input.Bytes.Span);

    private static List<int> NonZero<T>(ReadOnlySpan<T> values, int stride = 1)
        where T : INumberBase<T>
    {
        var places = new List<int>();
        for (int i = 0; i < values.Length; i += stride)
        {
            if (values[i] != T.Zero || (stride == 2 && values[i + 1] != T.Zero))
                places.Add(i / stride);
        }
        return places;
    }
}
