using System.Numerics;
using System.Runtime.Intrinsics;
using TransformFramework.Execution;

namespace TransformFramework.Cpu.Kernels.Elementwise;

[Kernel("Exp")]
internal sealed class Exp : UnaryKernel
{
    protected override Func<Complex, Complex>? ComplexFunction => Complex.Exp;

    protected override double Apply(double x) => Math.Exp(x);

    protected override float Apply(float x) => LibraryMath.Exp(x);

    protected override float ApplyPacket(float x) => PacketMath.Exp(x);

    protected override void ApplyPackets(ReadOnlySpan<float> x, Span<float> y) => PacketVectors.Map<Packets>(x, y);

    private readonly struct Packets : IPacketFunction
    {
        public static Vector256<float> Apply(Vector256<float> x) => PacketVectors.Exp(x);
    }
}

[Kernel("Expm1")]
internal sealed class Expm1 : UnaryKernel
{
    protected override Func<Complex, Complex>? ComplexFunction => x => Complex.Exp(x) - 1;

    /// <summary>Kahan's form: (u - 1) · x / ln u with u = exp x, which keeps the digits near zero.</summary>
    protected override double Apply(double x)
    {
        double u = Math.Exp(x);
        if (u == 1.0)
            return x;
        double difference = u - 1.0;
        return difference == -1.0 || double.IsInfinity(u) ? difference : difference * x / Math.Log(u);
    }
}

[Kernel("Log")]
internal sealed class Log : UnaryKernel
{
    protected override Func<Complex, Complex>? ComplexFunction => Complex.Log;

    protected override double Apply(double x) => Math.Log(x);
}

[Kernel("Log1p")]
internal sealed class Log1p : UnaryKernel
{
    protected override Func<Complex, Complex>? ComplexFunction => x => Complex.Log(1 + x);

    protected override double Apply(double x) => Compute(x);

    /// <summary>Kahan's form: ln u · x / (u - 1) with u = 1 + x.</summary>
    internal static double Compute(double x)
    {
        double u = 1.0 + x;
        if (u < 0)
            return double.NaN;
        return u == 1.0 || double.IsInfinity(u) ? (double.IsInfinity(u) ? u : x) : Math.Log(u) * x / (u - 1.0);
    }
}

/// <summary>√x; packets by the processor's estimate of 1/√x and one Newton step, but near the largest float, where the step's square would be a denormal.</summary>
[Kernel("Sqrt")]
internal sealed class Sqrt : UnaryKernel
{
    protected override Func<Complex, Complex>? ComplexFunction => Complex.Sqrt;

    private const float LargestEstimated = 8e37f;

    protected override double Apply(double x) => Math.Sqrt(x);

    protected override float Apply(float x) => MathF.Sqrt(x);

    protected override float ApplyPacket(float x)
    {
        if (!(x > 0) || x > LargestEstimated)
            return MathF.Sqrt(x);
        float estimate = ReciprocalRootEstimate.Of(x);
        return x * (estimate * (1.5f - ((x * 0.5f) * (estimate * estimate))));
    }
}

[Kernel("Sin")]
internal sealed class Sin : UnaryKernel
{
    protected override Func<Complex, Complex>? ComplexFunction => Complex.Sin;

    protected override double Apply(double x) => Math.Sin(x);

    protected override float ApplyPacket(float x) => PacketTrigonometry.Sin(x);
}

[Kernel("Cos")]
internal sealed class Cos : UnaryKernel
{
    protected override Func<Complex, Complex>? ComplexFunction => Complex.Cos;

    protected override double Apply(double x) => Math.Cos(x);

    protected override float ApplyPacket(float x) => PacketTrigonometry.Cos(x);
}

[Kernel("Tan")]
internal sealed class Tan : UnaryKernel
{
    protected override Func<Complex, Complex>? ComplexFunction => Complex.Tan;

    protected override double Apply(double x) => Math.Tan(x);
}

[Kernel("Asin")]
internal sealed class Asin : UnaryKernel
{
    protected override double Apply(double x) => Math.Asin(x);
}

[Kernel("Acos")]
internal sealed class Acos : UnaryKernel
{
    protected override double Apply(double x) => Math.Acos(x);
}

[Kernel("Atan")]
internal sealed class Atan : UnaryKernel
{
    protected override double Apply(double x) => Math.Atan(x);
}

[Kernel("Sinh")]
internal sealed class Sinh : UnaryKernel
{
    protected override Func<Complex, Complex>? ComplexFunction => Complex.Sinh;

    protected override double Apply(double x) => Math.Sinh(x);
}

[Kernel("Cosh")]
internal sealed class Cosh : UnaryKernel
{
    protected override Func<Complex, Complex>? ComplexFunction => Complex.Cosh;

    protected override double Apply(double x) => Math.Cosh(x);
}

[Kernel("Tanh")]
internal sealed class Tanh : UnaryKernel
{
    protected override Func<Complex, Complex>? ComplexFunction => Complex.Tanh;

    protected override double Apply(double x) => Math.Tanh(x);

    protected override float Apply(float x) => PacketMath.Tanh(x);

    protected override void ApplyPackets(ReadOnlySpan<float> x, Span<float> y) => PacketVectors.Map<Packets>(x, y);

    private readonly struct Packets : IPacketFunction
    {
        public static Vector256<float> Apply(Vector256<float> x) => PacketVectors.Tanh(x);
    }
}

[Kernel("Asinh")]
internal sealed class Asinh : UnaryKernel
{
    protected override double Apply(double x) => Math.Asinh(x);
}

[Kernel("Acosh")]
internal sealed class Acosh : UnaryKernel
{
    protected override double Apply(double x) => Math.Acosh(x);
}

[Kernel("Atanh")]
internal sealed class Atanh : UnaryKernel
{
    protected override double Apply(double x) => Math.Atanh(x);
}
