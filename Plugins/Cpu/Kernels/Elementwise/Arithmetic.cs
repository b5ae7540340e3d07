using System.Numerics;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;

namespace TransformFramework.Cpu.Kernels.Elementwise;

[Kernel("Add", "AddV2")]
internal sealed class Add : BinaryKernel<Add.Function>
{
    internal readonly struct Function : IBinaryFunction
    {
        public static bool TakesComplex => true;

        public static T Apply<T>(T x, T y)
            where T : struct, INumber<T> => x + y;

        public static bool HasVectors => true;

        public static Vector<float> ApplyVector(Vector<float> x, Vector<float> y) => x + y;

        public static Complex ApplyComplex(Complex x, Complex y) => x + y;
    }
}

[Kernel("Sub")]
internal sealed class Subtract : BinaryKernel<Subtract.Function>
{
    internal readonly struct Function : IBinaryFunction
    {
        public static bool TakesComplex => true;

        public static T Apply<T>(T x, T y)
            where T : struct, INumber<T> => x - y;

        public static bool HasVectors => true;

        public static Vector<float> ApplyVector(Vector<float> x, Vector<float> y) => x - y;

        public static Complex ApplyComplex(Complex x, Complex y) => x - y;
    }
}

[Kernel("Mul")]
internal sealed class Multiply : BinaryKernel<Multiply.Function>
{
    internal readonly struct Function : IBinaryFunction
    {
        public static bool TakesComplex => true;

        public static T Apply<T>(T x, T y)
            where T : struct, INumber<T> => x * y;

        public static bool HasVectors => true;

        public static Vector<float> ApplyVector(Vector<float> x, Vector<float> y) => x * y;

        public static Complex ApplyComplex(Complex x, Complex y) => x * y;
    }
}

[Kernel("Div", "RealDiv")]
internal sealed class Divide : BinaryKernel<Divide.Function>
{
    internal readonly struct Function : IBinaryFunction
    {
        public static bool TakesComplex => true;

        public static T Apply<T>(T x, T y)
            where T : struct, INumber<T> => IntegerDivision.Check(y) ? IntegerDivision.Truncate(x, y) : x / y;

        public static bool HasVectors => true;

        public static Vector<float> ApplyVector(Vector<float> x, Vector<float> y) => x / y;

        public static Complex ApplyComplex(Complex x, Complex y) => x / y;
    }
}

/// <summary>Division that rounds towards zero; a zero divisor is an internal error, as in the real kernel.</summary>
[Kernel("TruncateDiv")]
internal sealed class TruncateDivide : BinaryKernel<TruncateDivide.Function>
{
    internal readonly struct Function : IBinaryFunction
    {
        public static T Apply<T>(T x, T y)
            where T : struct, INumber<T> => IntegerDivision.Check(y, StatusKind.Internal) ? IntegerDivision.Truncate(x, y) : x / y;
    }
}

[Kernel("FloorDiv")]
internal sealed class FloorDivide : BinaryKernel<FloorDivide.Function>
{
    internal readonly struct Function : IBinaryFunction
    {
        public static T Apply<T>(T x, T y)
            where T : struct, INumber<T>
        {
            if (!IntegerDivision.Check(y))
                return T.CreateTruncating(Math.Floor(double.CreateTruncating(x / y)));
            if (T.IsNegative(x) == T.IsNegative(y))
                return IntegerDivision.Truncate(x, y);
            T magnitude = T.IsNegative(x) ? T.Zero - x : x;
            T divisor = T.IsNegative(y) ? T.Zero - y : y;
            return (T.Zero - (magnitude + divisor - T.One)) / divisor;
        }
    }
}

[Kernel("FloorMod")]
internal sealed class FloorModulo : BinaryKernel<FloorModulo.Function>
{
    internal readonly struct Function : IBinaryFunction
    {
        public static T Apply<T>(T x, T y)
            where T : struct, INumber<T>
        {
            T remainder = IntegerDivision.Check(y) ? IntegerDivision.Remainder(x, y) : x % y;
            return remainder != T.Zero && T.IsNegative(remainder) != T.IsNegative(y) ? remainder + y : remainder;
        }
    }
}

[Kernel("Mod", "TruncateMod")]
internal sealed class TruncateModulo : BinaryKernel<TruncateModulo.Function>
{
    internal readonly struct Function : IBinaryFunction
    {
        public static bool FlushesDenormals => false;

        public static T Apply<T>(T x, T y)
            where T : struct, INumber<T> => IntegerDivision.Check(y, StatusKind.Internal) ? IntegerDivision.Remainder(x, y) : x % Denormals.Flush(y);
    }
}

[Kernel("DivNoNan")]
internal sealed class DivideNoNan : BinaryKernel<DivideNoNan.Function>
{
    internal readonly struct Function : IBinaryFunction
    {
        public static bool TakesComplex => true;

        public static T Apply<T>(T x, T y)
            where T : struct, INumber<T> => y == T.Zero ? T.Zero : x / y;

        public static Complex ApplyComplex(Complex x, Complex y) => y == Complex.Zero ? Complex.Zero : x / y;
    }
}

/// <summary>x·y, 0 for y = 0 whatever x is.</summary>
[Kernel("MulNoNan")]
internal sealed class MultiplyNoNan : BinaryKernel<MultiplyNoNan.Function>
{
    internal readonly struct Function : IBinaryFunction
    {
        public static bool TakesComplex => true;

        public static T Apply<T>(T x, T y)
            where T : struct, INumber<T> => y == T.Zero ? T.Zero : x * y;

        public static Complex ApplyComplex(Complex x, Complex y) => y == Complex.Zero ? Complex.Zero : x * y;
    }
}

[Kernel("Maximum")]
internal sealed class Maximum : BinaryKernel<Maximum.Function>
{
    internal readonly struct Function : IBinaryFunction
    {
        public static T Apply<T>(T x, T y)
            where T : struct, INumber<T> => x < y ? y : x;
    }
}

[Kernel("Minimum")]
internal sealed class Minimum : BinaryKernel<Minimum.Function>
{
    internal readonly struct Function : IBinaryFunction
    {
        public static T Apply<T>(T x, T y)
            where T : struct, INumber<T> => y < x ? y : x;
    }
}

[Kernel("SquaredDifference")]
internal sealed class SquaredDifference : BinaryKernel<SquaredDifference.Function>
{
    internal readonly struct Function : IBinaryFunction
    {
        public static bool TakesComplex => true;

        public static T Apply<T>(T x, T y)
            where T : struct, INumber<T> => (x - y) * (x - y);

        public static Complex ApplyComplex(Complex x, Complex y) => (x - y) * Complex.Conjugate(x - y);
    }
}

/// <summary>Division of integers: by zero it is refused, and the smallest number by -1 wraps around.</summary>
internal static class IntegerDivision
{
    /// <summary>True for an integer type; refuses a zero divisor.</summary>
    public static bool Check<T>(T divisor, StatusKind kind = StatusKind.InvalidArgument)
        where T : struct, INumber<T>
    {
        if (typeof(T) == typeof(float) || typeof(T) == typeof(double))
            return false;
        return divisor != T.Zero ? true : throw new ExecutionException(kind, "Integer division by zero");
    }

    public static T Truncate<T>(T x, T y)
        where T : struct, INumber<T> => y == -T.One && T.IsNegative(y) ? T.Zero - x : x / y;

    public static T Remainder<T>(T x, T y)
        where T : struct, INumber<T> => y == -T.One && T.IsNegative(y) ? T.Zero : x % y;
}
