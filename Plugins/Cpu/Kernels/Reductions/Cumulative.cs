using System.Numerics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Reductions;

/// <summary>Running sums along an axis.</summary>
[Kernel("Cumsum")]
internal sealed class Cumsum : Cumulative
{
    protected override T Start<T>() => T.Zero;

    protected override T Add<T>(T gathered, T next) => gathered + next;
}

/// <summary>Running products along an axis.</summary>
[Kernel("Cumprod")]
internal sealed class Cumprod : Cumulative
{
    protected override T Start<T>() => T.One;

    protected override T Add<T>(T gathered, T next) => gathered * next;
}

/// <summary>Gathers along an axis and keeps every step; <c>exclusive</c> leaves out the element itself, <c>reverse</c> begins at the end.</summary>
internal abstract class Cumulative : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor x = call.Inputs[0];
        long given = Integers.Scalar(call.Inputs[1], "axis");
        if (given < -x.Shape.Rank || given >= x.Shape.Rank)
            throw Refuse.Invalid($"ScanOp: Expected scan axis in the range [{-x.Shape.Rank}, {x.Shape.Rank}), but got {given}");
        int axis = Integers.Axis(given, x.Shape.Rank);
        return [x.Type switch
        {
            DataType.Int32 => Scan<int>(x, axis, call.Node),
            DataType.Int64 => Scan<long>(x, axis, call.Node),
            DataType.UInt8 => Scan<byte>(x, axis, call.Node),
            DataType.Int8 => Scan<sbyte>(x, axis, call.Node),
            DataType.Int16 => Scan<short>(x, axis, call.Node),
            DataType.UInt16 => Scan<ushort>(x, axis, call.Node),
            _ => Floating(x, axis, call.Node),
        }];
    }

    protected abstract T Start<T>()
        where T : struct, INumber<T>;

    protected abstract T Add<T>(T gathered, T next)
        where T : struct, INumber<T>;

    private Tensor Scan<T>(Tensor x, int axis, Node node)
        where T : unmanaged, INumber<T>
    {
        Tensor result = Tensor.Allocate<T>(x.Type, x.Shape, out var target);
        Scan(x.AsSpan<T>(), target, x.Shape, axis, node);
        return result;
    }

    private Tensor Floating(Tensor x, int axis, Node node)
    {
        double[] target = new double[checked((int)x.ElementCount)];
        Scan<double>(Floats.ToDoubles(x), target, x.Shape, axis, node);
        return Floats.FromDoubles(x.Type, x.Shape, target);
    }

    private void Scan<T>(ReadOnlySpan<T> values, Span<T> target, TensorShape shape, int axis, Node node)
        where T : unmanaged, INumber<T>
    {
        bool isExclusive = node.Bool("exclusive");
        bool isReverse = node.Bool("reverse");
        int length = (int)shape[axis];
        int inner = (int)shape.Dimensions.Skip(axis + 1).Aggregate(1L, (product, dimension) => product * dimension);
        int lines = length == 0 ? 0 : values.Length / length;
        for (int line = 0; line < lines; line++)
        {
            int start = ((line / inner) * length * inner) + (line % inner);
            T gathered = Start<T>();
            for (int step = 0; step < length; step++)
            {
                int at = start + ((isReverse ? length - 1 - step : step) * inner);
                T next = Add(gathered, values[at]);
                target[at] = isExclusive ? gathered : next;
                gathered = next;
            }
        }
    }
}
