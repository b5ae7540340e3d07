using System.Numerics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Comparison;

/// <summary>A relation of two numbers of one type.</summary>
internal interface IRelation
{
    static abstract bool Holds<T>(T x, T y)
        where T : struct, INumber<T>;
}

/// <summary>z = whether a relation holds, with broadcasting.</summary>
internal abstract class ComparisonKernel<TRelation> : IKernel
    where TRelation : struct, IRelation
{
    public virtual IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [Broadcast.Infer(node.Shapes[0], node.Shapes[1])];

    public virtual Tensor[] Compute(KernelCall call)
    {
        Tensor x = call.Inputs[0];
        Tensor y = call.Inputs[1];
        if (x.Type != y.Type)
            throw Refuse.Invalid($"inputs of types {x.Type.Name()} and {y.Type.Name()}");
        var broadcast = Broadcast.Of(x.Shape, y.Shape);
        return [x.Type switch
        {
            DataType.Float => Map<float>(x, y, broadcast),
            DataType.Double => Map<double>(x, y, broadcast),
            DataType.Half => Map<Half>(x, y, broadcast),
            DataType.Int32 or DataType.QInt32 => Map<int>(x, y, broadcast),
            DataType.Int64 => Map<long>(x, y, broadcast),
            DataType.UInt8 or DataType.QUInt8 => Map<byte>(x, y, broadcast),
            DataType.Int8 or DataType.QInt8 => Map<sbyte>(x, y, broadcast),
            DataType.Int16 or DataType.QInt16 => Map<short>(x, y, broadcast),
            DataType.UInt16 or DataType.QUInt16 => Map<ushort>(x, y, broadcast),
            DataType.UInt32 => Map<uint>(x, y, broadcast),
            DataType.UInt64 => Map<ulong>(x, y, broadcast),
            DataType.BFloat16 => Map<float>(Widened(x), Widened(y), broadcast),
            _ => Other(x, y, broadcast),
        }];
    }

    /// <summary>Types that only some relations have.</summary>
    protected virtual Tensor Other(Tensor x, Tensor y, Broadcast broadcast) => throw Refuse.Type(x.Type, "the real number types");

    private static Tensor Widened(Tensor tensor) => Tensor.Create<float>(DataType.Float, tensor.Shape, tensor.ToSingles());

    private static Tensor Map<T>(Tensor x, Tensor y, Broadcast broadcast)
        where T : unmanaged, INumber<T>
    {
        Tensor result = Tensor.Allocate<bool>(DataType.Bool, broadcast.Shape, out var z);
        ReadOnlySpan<T> left = x.AsSpan<T>();
        ReadOnlySpan<T> right = y.AsSpan<T>();
        IndexPairs pair = broadcast.Pairs;
        for (int i = 0; i < z.Length; i++, pair.Next())
            z[i] = TRelation.Holds(Denormals.Flush(left[pair.Left]), Denormals.Flush(right[pair.Right]));
        return result;
    }
}
