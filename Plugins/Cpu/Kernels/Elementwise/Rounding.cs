using TransformFramework.Execution;

namespace TransformFramework.Cpu.Kernels.Elementwise;

[Kernel("Ceil")]
internal sealed class Ceiling : UnaryKernel
{
    protected override double Apply(double x) => Math.Ceiling(x);

    protected override float Apply(float x) => MathF.Ceiling(x);
}

[Kernel("Floor")]
internal sealed class Floor : UnaryKernel
{
    protected override double Apply(double x) => Math.Floor(x);

    protected override float Apply(float x) => MathF.Floor(x);
}

/// <summary>To the nearest integer, halves to the even one.</summary>
[Kernel("Rint")]
internal sealed class Rint : UnaryKernel
{
    protected override double Apply(double x) => Math.Round(x, MidpointRounding.ToEven);

    protected override float Apply(float x) => MathF.Round(x, MidpointRounding.ToEven);
}

/// <summary>To the nearest integer, halves to the even one; integers stay.</summary>
[Kernel("Round")]
internal sealed class Round : NumericUnaryKernel<Round.Function>
{
    internal readonly struct Function : IUnaryFunction
    {
        public static T Apply<T>(T x)
            where T : struct, System.Numerics.INumber<T>
        {
            if (typeof(T) == typeof(float))
                return (T)(object)MathF.Round((float)(object)x, MidpointRounding.ToEven);
            return typeof(T) == typeof(double) ? (T)(object)Math.Round((double)(object)x, MidpointRounding.ToEven) : x;
        }
    }
}
