using TransformFramework.Execution;

namespace TransformFramework.Cpu.Kernels.Elementwise;

/// <summary>
/// 1 / √x. TensorFlow takes packets of eight floats through the processor's 12-bit estimate and one Newton step, and the rest one by one; both are followed to the
/// bit, since names and orders in folded graphs come from hashes of folded values.
/// </summary>
[Kernel("Rsqrt")]
internal sealed class Rsqrt : UnaryKernel
{
    protected override double Apply(double x) => x == 0 ? double.PositiveInfinity : 1.0 / Math.Sqrt(x);

    protected override float Apply(float x) => x == 0 ? float.PositiveInfinity : 1f / MathF.Sqrt(x);

    protected override float ApplyPacket(float x) => Estimated(x);

    /// <summary>One Newton step from the estimate r: r · (1.5 - x/2 · r²), each operation rounded, denormals flushed.</summary>
    internal static float Estimated(float x)
    {
        if (x == 0)
            return float.PositiveInfinity;
        if (!(x > 0))
            return float.NaN;
        float estimate = ReciprocalRootEstimate.Of(x);
        float square = Denormals.Flush(estimate * estimate);
        float half = Denormals.Flush(x * -0.5f);
        return Denormals.Flush(estimate * ((half * square) + 1.5f));
    }
}
