using System.Numerics;
using System.Runtime.Intrinsics;
using TransformFramework.Execution;

namespace TransformFramework.Cpu.Kernels.Elementwise;

[Kernel("Sigmoid")]
internal sealed class Sigmoid : UnaryKernel
{
    protected override Func<Complex, Complex>? ComplexFunction => x => 1 / (1 + Complex.Exp(-x));

    protected override double Apply(double x) => Compute(x);

    protected override float Apply(float x) => x < -18f ? 0f : x > 18f ? 1f : 1f / (1f + LibraryMath.Exp(-x));

    protected override float ApplyPacket(float x) => PacketMath.Logistic(x);

    protected override void ApplyPackets(ReadOnlySpan<float> x, Span<float> y) => PacketVectors.Map<Packets>(x, y);

    private readonly struct Packets : IPacketFunction
    {
        public static Vector256<float> Apply(Vector256<float> x) => PacketVectors.Logistic(x);
    }

    internal static double Compute(double x) => 1.0 / (1.0 + Math.Exp(-x));
}

[Kernel("Elu")]
internal sealed class Elu : UnaryKernel
{
    protected override double Apply(double x) => x < 0 ? Math.Exp(x) - 1.0 : x;
}

/// <summary>λ·x for x ≥ 0, λ·α·(eˣ - 1) below, with the constants of Klambauer et al. 2017.</summary>
[Kernel("Selu")]
internal sealed class Selu : UnaryKernel
{
    private const double Scale = 1.0507009873554804934193349852946;
    private const double ScaledAlpha = 1.7580993408473768599402175208123;

    protected override double Apply(double x) => x < 0 ? ScaledAlpha * (Math.Exp(x) - 1.0) : Scale * x;
}

[Kernel("Softplus")]
internal sealed class Softplus : UnaryKernel
{
    protected override double Apply(double x) => Math.Max(x, 0.0) + Log1p.Compute(Math.Exp(-Math.Abs(x)));
}

[Kernel("Softsign")]
internal sealed class Softsign : UnaryKernel
{
    protected override double Apply(double x) => x / (1.0 + Math.Abs(x));

    protected override float Apply(float x) => x / (1f + MathF.Abs(x));
}
