using System.Numerics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Reductions;

[Kernel("Sum")]
internal sealed class Sum : ReductionKernel<Sum.Reduction>
{
    internal readonly struct Reduction : IReduction
    {
        public static bool IsSum => true;

        public static T Start<T>(DataType type)
            where T : struct, INumber<T> => T.Zero;

        public static T Add<T>(T gathered, T next)
            where T : struct, INumber<T> => gathered + next;

        public static T Finish<T>(T gathered, long count)
            where T : struct, INumber<T> => gathered;
    }
}

/// <summary>Sum over number; of integers the quotient is truncated, of nothing it is NaN or 0.</summary>
[Kernel("Mean")]
internal sealed class Mean : ReductionKernel<Mean.Reduction>
{
    internal readonly struct Reduction : IReduction
    {
        public static bool IsSum => true;

        public static T Start<T>(DataType type)
            where T : struct, INumber<T> => T.Zero;

        public static T Add<T>(T gathered, T next)
            where T : struct, INumber<T> => gathered + next;

        public static T Finish<T>(T gathered, long count)
            where T : struct, INumber<T>
        {
            if (typeof(T) == typeof(double) || typeof(T) == typeof(float))
                return gathered / T.CreateTruncating(count);
            T divisor = T.CreateTruncating(count);
            return divisor == T.Zero ? T.Zero : gathered / divisor;
        }
    }
}

[Kernel("Prod")]
internal sealed class Product : ReductionKernel<Product.Reduction>
{
    internal readonly struct Reduction : IReduction
    {
        public static T Start<T>(DataType type)
            where T : struct, INumber<T> => T.One;

        public static T Add<T>(T gathered, T next)
            where T : struct, INumber<T> => gathered * next;

        public static T Finish<T>(T gathered, long count)
            where T : struct, INumber<T> => gathered;
    }
}

/// <summary>The largest element; of nothing the type's smallest value.</summary>
[Kernel("Max")]
internal sealed class Max : ReductionKernel<Max.Reduction>
{
    internal readonly struct Reduction : IReduction
    {
        public static T Start<T>(DataType type)
            where T : struct, INumber<T> => type.IsFloating() ? T.CreateSaturating(double.NegativeInfinity) : T.CreateSaturating(RealValues.Lowest(type));

        public static T Add<T>(T gathered, T next)
            where T : struct, INumber<T> => next > gathered ? next : gathered;

        public static T Finish<T>(T gathered, long count)
            where T : struct, INumber<T> => gathered;
    }
}

/// <summary>The smallest element; of nothing the type's largest value.</summary>
[Kernel("Min")]
internal sealed class Min : ReductionKernel<Min.Reduction>
{
    internal readonly struct Reduction : IReduction
    {
        public static T Start<T>(DataType type)
            where T : struct, INumber<T> => T.CreateSaturating(double.PositiveInfinity);

        public static T Add<T>(T gathered, T next)
            where T : struct, INumber<T> => next < gathered ? next : gathered;

        public static T Finish<T>(T gathered, long count)
            where T : struct, INumber<T> => gathered;
    }
}

/// <summary>√(Σ x²).</summary>
[Kernel("EuclideanNorm")]
internal sealed class EuclideanNorm : ReductionKernel<EuclideanNorm.Reduction>
{
    internal readonly struct Reduction : IReduction
    {
        public static T Start<T>(DataType type)
            where T : struct, INumber<T> => T.Zero;

        public static T Add<T>(T gathered, T next)
            where T : struct, INumber<T> => gathered + (next * next);

        public static T Finish<T>(T gathered, long count)
            where T : struct, INumber<T> => T.CreateTruncating(Math.Sqrt(double.CreateTruncating(gathered)));
    }
}
