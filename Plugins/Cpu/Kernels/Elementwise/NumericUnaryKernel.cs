using System.Numerics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Elementwise;

/// <summary>A function of one number of any real type.</summary>
internal interface IUnaryFunction
{
    /// <summary>True when the function is also one of complex numbers.</summary>
    static virtual bool TakesComplex => false;

    static abstract T Apply<T>(T x)
        where T : struct, INumber<T>;

    static virtual Complex ApplyComplex(Complex x) => throw new NotSupportedException();
}

/// <summary>y = f(x) for all real types; half and bfloat16 are computed in float.</summary>
internal abstract class NumericUnaryKernel<TFunction> : IKernel
    where TFunction : struct, IUnaryFunction
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor x = call.Inputs[0];
        return [x.Type switch
        {
            DataType.Float => Map<float>(x),
            DataType.Double => Map<double>(x),
            DataType.Int32 => Map<int>(x),
            DataType.Int64 => Map<long>(x),
            DataType.UInt8 => Map<byte>(x),
            DataType.Int8 => Map<sbyte>(x),
            DataType.Int16 => Map<short>(x),
            DataType.UInt16 => Map<ushort>(x),
            DataType.Half => Elements.Map<Half, Half>(x, x.Type, value => (Half)TFunction.Apply((float)value)),
            DataType.BFloat16 => Elements.Map<ushort, ushort>(x, x.Type, value => BFloat16.FromFloat(TFunction.Apply(BFloat16.ToFloat(value)))),
            DataType.Complex64 or DataType.Complex128 when TFunction.TakesComplex => ComplexValues.Write(x.Type, x.Shape, Array.ConvertAll(ComplexValues.Read(x), TFunction.ApplyComplex)),
            _ => throw Refuse.Type(x.Type, TFunction.TakesComplex ? "numbers" : "the real number types"),
        }];
    }

    private static Tensor Map<T>(Tensor x)
        where T : unmanaged, INumber<T>
    {
        Tensor result = Tensor.Allocate<T>(x.Type, x.Shape, out var y);
        ReadOnlySpan<T> elements = x.AsSpan<T>();
        for (int i = 0; i < y.Length; i++)
            y[i] = Denormals.Flush(TFunction.Apply(Denormals.Flush(elements[i])));
        return result;
    }
}

[Kernel("Abs")]
internal sealed class Abs : NumericUnaryKernel<Abs.Function>
{
    internal readonly struct Function : IUnaryFunction
    {
        public static T Apply<T>(T x)
            where T : struct, INumber<T> => x < T.Zero ? T.Zero - x : T.IsNegative(x) && x == T.Zero ? T.Zero : x;
    }
}

[Kernel("Neg")]
internal sealed class Negate : NumericUnaryKernel<Negate.Function>
{
    internal readonly struct Function : IUnaryFunction
    {
        public static bool TakesComplex => true;

        public static T Apply<T>(T x)
            where T : struct, INumber<T> => T.Zero - x;

        public static Complex ApplyComplex(Complex x) => -x;
    }
}

[Kernel("Sign")]
internal sealed class Sign : NumericUnaryKernel<Sign.Function>
{
    internal readonly struct Function : IUnaryFunction
    {
        public static T Apply<T>(T x)
            where T : struct, INumber<T> => x > T.Zero ? T.One : x < T.Zero ? -T.One : T.Zero;
    }
}

[Kernel("Square")]
internal sealed class Square : NumericUnaryKernel<Square.Function>
{
    internal readonly struct Function : IUnaryFunction
    {
        public static bool TakesComplex => true;

        public static T Apply<T>(T x)
            where T : struct, INumber<T> => x * x;

        public static Complex ApplyComplex(Complex x) => x * x;
    }
}

[Kernel("Reciprocal", "Inv")]
internal sealed class Reciprocal : NumericUnaryKernel<Reciprocal.Function>
{
    internal readonly struct Function : IUnaryFunction
    {
        public static bool TakesComplex => true;

        public static T Apply<T>(T x)
            where T : struct, INumber<T> => IntegerDivision.Check(x) ? IntegerDivision.Truncate(T.One, x) : T.One / x;

        public static Complex ApplyComplex(Complex x) => Complex.One / x;
    }
}

[Kernel("Relu")]
internal sealed class Relu : NumericUnaryKernel<Relu.Function>
{
    internal readonly struct Function : IUnaryFunction
    {
        public static T Apply<T>(T x)
            where T : struct, INumber<T> => x < T.Zero ? T.Zero : x;
    }
}

[Kernel("Relu6")]
internal sealed class Relu6 : NumericUnaryKernel<Relu6.Function>
{
    internal readonly struct Function : IUnaryFunction
    {
        public static T Apply<T>(T x)
            where T : struct, INumber<T>
        {
            T six = T.CreateTruncating(6);
            return x < T.Zero ? T.Zero : x > six ? six : x;
        }
    }
}
