using System.Numerics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Elementwise;

/// <summary>A function of the bits of two integers.</summary>
internal interface IBitFunction
{
    static abstract T Apply<T>(T x, T y)
        where T : struct, IBinaryInteger<T>;
}

/// <summary>z = f(x, y) on the bits of integers, with broadcasting.</summary>
internal abstract class BitKernel<TFunction> : IKernel
    where TFunction : struct, IBitFunction
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [Broadcast.Infer(node.Shapes[0], node.Shapes[1])];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor x = call.Inputs[0];
        Tensor y = call.Inputs[1];
        var broadcast = Broadcast.Of(x.Shape, y.Shape);
        return [x.Type switch
        {
            DataType.Int8 => Map<sbyte>(x, y, broadcast),
            DataType.UInt8 => Map<byte>(x, y, broadcast),
            DataType.Int16 => Map<short>(x, y, broadcast),
            DataType.UInt16 => Map<ushort>(x, y, broadcast),
            DataType.Int32 => Map<int>(x, y, broadcast),
            DataType.UInt32 => Map<uint>(x, y, broadcast),
            DataType.Int64 => Map<long>(x, y, broadcast),
            DataType.UInt64 => Map<ulong>(x, y, broadcast),
            _ => throw Refuse.Type(x.Type, "the integer types"),
        }];
    }

    private static Tensor Map<T>(Tensor x, Tensor y, Broadcast broadcast)
        where T : unmanaged, IBinaryInteger<T>
    {
        Tensor result = Tensor.Allocate<T>(x.Type, broadcast.Shape, out var z);
        ReadOnlySpan<T> left = x.AsSpan<T>();
        ReadOnlySpan<T> right = y.AsSpan<T>();
        IndexPairs pair = broadcast.Pairs;
        for (int i = 0; i < z.Length; i++, pair.Next())
            z[i] = TFunction.Apply(left[pair.Left], right[pair.Right]);
        return result;
    }
}

[Kernel("BitwiseAnd")]
internal sealed class BitwiseAnd : BitKernel<BitwiseAnd.Function>
{
    internal readonly struct Function : IBitFunction
    {
        public static T Apply<T>(T x, T y)
            where T : struct, IBinaryInteger<T> => x & y;
    }
}

[Kernel("BitwiseOr")]
internal sealed class BitwiseOr : BitKernel<BitwiseOr.Function>
{
    internal readonly struct Function : IBitFunction
    {
        public static T Apply<T>(T x, T y)
            where T : struct, IBinaryInteger<T> => x | y;
    }
}

[Kernel("BitwiseXor")]
internal sealed class BitwiseXor : BitKernel<BitwiseXor.Function>
{
    internal readonly struct Function : IBitFunction
    {
        public static T Apply<T>(T x, T y)
            where T : struct, IBinaryInteger<T> => x ^ y;
    }
}

/// <summary>Shifts by less than 0 count as 0, by more than the width as one less than it.</summary>
[Kernel("LeftShift")]
internal sealed class LeftShift : BitKernel<LeftShift.Function>
{
    internal readonly struct Function : IBitFunction
    {
        public static T Apply<T>(T x, T y)
            where T : struct, IBinaryInteger<T> => x << Shifts.Clamp(y);
    }
}

/// <summary>Arithmetic for signed types, logical for others; the distance is clamped as for LeftShift.</summary>
[Kernel("RightShift")]
internal sealed class RightShift : BitKernel<RightShift.Function>
{
    internal readonly struct Function : IBitFunction
    {
        public static T Apply<T>(T x, T y)
            where T : struct, IBinaryInteger<T> => x >> Shifts.Clamp(y);
    }
}

internal static class Shifts
{
    /// <summary>A distance between 0 and one less than the width of the type.</summary>
    public static int Clamp<T>(T distance)
        where T : struct, IBinaryInteger<T>
    {
        int width = System.Runtime.CompilerServices.Unsafe.SizeOf<T>() * 8;
        return T.IsNegative(distance) ? 0 : distance >= T.CreateTruncating(width) ? width - 1 : int.CreateTruncating(distance);
    }
}

/// <summary>All bits of integers inverted.</summary>
[Kernel("Invert")]
internal sealed class Invert : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        byte[] bytes = call.Inputs[0].Bytes.ToArray();
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)~bytes[i];
        return [Tensor.FromContent(call.Inputs[0].Type, call.Inputs[0].Shape, bytes)];
    }
}

/// <summary>The same bytes as another type; a change of the element's size takes or adds a last dimension.</summary>
[Kernel("Bitcast")]
internal sealed class Bitcast : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) =>
        [node.Shapes[0].IsFullyKnown ? Target(node.Shapes[0], node.Node.Type("T"), node.Node.Type("type")) : TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor x = call.Inputs[0];
        DataType target = call.Node.Type("type");
        return [Tensor.FromContent(target, Target(x.Shape, x.Type, target), x.Bytes)];
    }

    private static TensorShape Target(TensorShape shape, DataType from, DataType to)
    {
        int before = from.Size();
        int after = to.Size();
        if (before == 0 || after == 0)
            throw Refuse.Type(before == 0 ? from : to, "types of numbers");
        if (before == after)
            return shape;
        if (before > after)
            return TensorShape.Of([.. shape.Dimensions.AsSpan(), before / after]);
        return shape.Rank > 0 && shape[shape.Rank - 1] == after / before
            ? TensorShape.Of(shape.Dimensions.AsSpan()[..^1])
            : throw Refuse.Invalid($"Cannot bitcast from {from.Name()} to {to.Name()}: the last dimension of shape {shape} must be {after / before}");
    }
}
