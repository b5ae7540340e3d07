using System.Numerics;
using System.Runtime.InteropServices;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Elementwise;

/// <summary>A function of two numbers of one type.</summary>
internal interface IBinaryFunction
{
    /// <summary>True when denormals are taken as zero, as in all arithmetic but the C library's.</summary>
    static virtual bool FlushesDenormals => true;

    /// <summary>True when the function is also one of complex numbers.</summary>
    static virtual bool TakesComplex => false;

    static abstract T Apply<T>(T x, T y)
        where T : struct, INumber<T>;

    /// <summary>True when there is <see cref="ApplyVector"/>.</summary>
    static virtual bool HasVectors => false;

    /// <summary>The function of floats, several at a time; the same bits.</summary>
    static virtual Vector<float> ApplyVector(Vector<float> x, Vector<float> y) => throw new NotSupportedException();

    static virtual Complex ApplyComplex(Complex x, Complex y) => throw new NotSupportedException();
}

/// <summary>A kernel of two tensors that can do floats by vectors.</summary>
internal interface IFloatRowKernel : IKernel
{
    /// <summary>True when it does.</summary>
    bool HasVectors { get; }

    /// <summary>The function of floats with broadcasting.</summary>
    void Map(ReadOnlySpan<float> left, ReadOnlySpan<float> right, Span<float> result, Broadcast broadcast);
}

/// <summary>z = f(x, y) with broadcasting; half and bfloat16 are computed in float and rounded once.</summary>
internal abstract class BinaryKernel<TFunction> : IFloatRowKernel
    where TFunction : struct, IBinaryFunction
{
    public bool HasVectors => TFunction.HasVectors;

    public void Map(ReadOnlySpan<float> left, ReadOnlySpan<float> right, Span<float> result, Broadcast broadcast) => FloatRows.Map<TFunction>(left, right, result, broadcast);

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [Broadcast.Infer(node.Shapes[0], node.Shapes[1])];

    public Tensor[] Compute(KernelCall call)
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
            DataType.Int32 => Map<int>(x, y, broadcast),
            DataType.Int64 => Map<long>(x, y, broadcast),
            DataType.UInt8 => Map<byte>(x, y, broadcast),
            DataType.Int8 => Map<sbyte>(x, y, broadcast),
            DataType.Int16 => Map<short>(x, y, broadcast),
            DataType.UInt16 => Map<ushort>(x, y, broadcast),
            DataType.UInt32 => Map<uint>(x, y, broadcast),
            DataType.UInt64 => Map<ulong>(x, y, broadcast),
            DataType.Half => MapHalf(x, y, broadcast),
            DataType.BFloat16 => MapBFloat16(x, y, broadcast),
            DataType.Complex64 or DataType.Complex128 when TFunction.TakesComplex => MapComplex(x, y, broadcast),
            _ => throw Refuse.Type(x.Type, TFunction.TakesComplex ? "numbers" : "the real number types"),
        }];
    }

    private static Tensor Map<T>(Tensor x, Tensor y, Broadcast broadcast)
        where T : unmanaged, INumber<T>
    {
        Tensor result = Tensor.Allocate<T>(x.Type, broadcast.Shape, out var z);
        ReadOnlySpan<T> left = x.AsSpan<T>();
        ReadOnlySpan<T> right = y.AsSpan<T>();
        if (typeof(T) == typeof(float) && TFunction.HasVectors)
            FloatRows.Map<TFunction>(x.AsSpan<float>(), y.AsSpan<float>(), MemoryMarshal.Cast<T, float>(z), broadcast);
        else if (left.Length == z.Length && right.Length == z.Length)
            Pairwise(left, right, z);
        else
            Broadcasted(left, right, z, broadcast.Pairs);
        return result;
    }

    private static void Pairwise<T>(ReadOnlySpan<T> left, ReadOnlySpan<T> right, Span<T> z)
        where T : unmanaged, INumber<T>
    {
        for (int i = 0; i < z.Length; i++)
            z[i] = Evaluate(left[i], right[i]);
    }

    private static void Broadcasted<T>(ReadOnlySpan<T> left, ReadOnlySpan<T> right, Span<T> z, IndexPairs pair)
        where T : unmanaged, INumber<T>
    {
        for (int i = 0; i < z.Length; i++, pair.Next())
            z[i] = Evaluate(left[pair.Left], right[pair.Right]);
    }

    private static T Evaluate<T>(T x, T y)
        where T : unmanaged, INumber<T> =>
        TFunction.FlushesDenormals ? Denormals.Flush(TFunction.Apply(Denormals.Flush(x), Denormals.Flush(y))) : TFunction.Apply(x, y);

    private static Tensor MapComplex(Tensor x, Tensor y, Broadcast broadcast)
    {
        Complex[] left = ComplexValues.Read(x);
        Complex[] right = ComplexValues.Read(y);
        var z = new Complex[checked((int)broadcast.Shape.ElementCount)];
        IndexPairs pair = broadcast.Pairs;
        for (int i = 0; i < z.Length; i++, pair.Next())
            z[i] = TFunction.ApplyComplex(left[pair.Left], right[pair.Right]);
        return ComplexValues.Write(x.Type, broadcast.Shape, z);
    }

    private static Tensor MapHalf(Tensor x, Tensor y, Broadcast broadcast)
    {
        Tensor result = Tensor.Allocate<Half>(x.Type, broadcast.Shape, out var z);
        ReadOnlySpan<Half> left = x.AsSpan<Half>();
        ReadOnlySpan<Half> right = y.AsSpan<Half>();
        IndexPairs pair = broadcast.Pairs;
        for (int i = 0; i < z.Length; i++, pair.Next())
            z[i] = (Half)TFunction.Apply((float)left[pair.Left], (float)right[pair.Right]);
        return result;
    }

    private static Tensor MapBFloat16(Tensor x, Tensor y, Broadcast broadcast)
    {
        Tensor result = Tensor.Allocate<ushort>(x.Type, broadcast.Shape, out var z);
        ReadOnlySpan<ushort> left = x.AsSpan<ushort>();
        ReadOnlySpan<ushort> right = y.AsSpan<ushort>();
        IndexPairs pair = broadcast.Pairs;
        for (int i = 0; i < z.Length; i++, pair.Next())
            z[i] = BFloat16.FromFloat(TFunction.Apply(BFloat16.ToFloat(left[pair.Left]), BFloat16.ToFloat(right[pair.Right])));
        return result;
    }
}
