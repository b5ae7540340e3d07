using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Reductions;

/// <summary>Index along an axis of the first largest element.</summary>
[Kernel("ArgMax")]
internal sealed class ArgMax : ArgExtreme
{
    protected override bool IsBetter(double candidate, double best) => candidate > best;
}

/// <summary>Index along an axis of the first smallest element.</summary>
[Kernel("ArgMin")]
internal sealed class ArgMin : ArgExtreme
{
    protected override bool IsBetter(double candidate, double best) => candidate < best;
}

/// <summary>Index along an axis of the first element that no other is better than.</summary>
internal abstract class ArgExtreme : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node)
    {
        if (node.Shapes[0].IsUnknownRank || node.Constants[1] is not { } axis)
            return [TensorShape.Unknown];
        int index = Axis(axis, node.Shapes[0].Rank);
        return [node.Shapes[0].WithoutAxis(index)];
    }

    public Tensor[] Compute(KernelCall call)
    {
        Tensor x = call.Inputs[0];
        int axis = Axis(call.Inputs[1], x.Shape.Rank);
        long length = x.Shape[axis];
        if (length == 0)
            throw Refuse.Invalid($"Reduction axis {axis} is empty in shape {x.Shape}");
        TensorShape shape = x.Shape.WithoutAxis(axis);
        int inner = (int)x.Shape.Dimensions.Skip(axis + 1).Aggregate(1L, (product, dimension) => product * dimension);
        double[] values = x.Type == DataType.Bool ? [.. x.ToSingles().Select(value => (double)value)] : RealValues.ToDoubles(x);
        long[] indices = new long[checked((int)shape.ElementCount)];
        for (int i = 0; i < indices.Length; i++)
            indices[i] = Best(values, ((i / inner) * (int)length * inner) + (i % inner), inner, (int)length);
        DataType type = call.Node.Type("output_type");
        return [type is DataType.Int32 or DataType.Int64 ? Integers.Write(type, shape, indices) : RealValues.FromDoubles(type, shape, [.. indices.Select(index => (double)index)])];
    }

    protected abstract bool IsBetter(double candidate, double best);

    private long Best(double[] values, int start, int stride, int length)
    {
        int best = 0;
        for (int i = 1; i < length; i++)
        {
            if (IsBetter(values[start + (i * stride)], values[start + (best * stride)]))
                best = i;
        }
        return best;
    }

    private static int Axis(Tensor axis, int rank)
    {
        if (axis.ElementCount != 1)
            throw Refuse.Invalid($"dim must be a scalar, but received tensor of shape: {axis.Shape}");
        long index = axis.Type == DataType.Int16 ? axis.AsSpan<short>()[0] : Integers.Read(axis)[0];
        return index >= -rank && index < rank ? (int)(index < 0 ? index + rank : index) : throw Refuse.Invalid($"Expected dimension in the range [{-rank}, {rank}), but got {index}");
    }
}
