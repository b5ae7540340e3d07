using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Kernels.Quantized.Conversions;

namespace TransformFramework.Cpu.Plans.Operators.WideRounding;

/// <summary>The steps of 16 bits that real values are rounded to.</summary>
/// <param name="Range">The range of the values.</param>
/// <param name="Factor">Steps in 1.</param>
internal readonly record struct WideSteps(QuantizationRange Range, float Factor)
{
    /// <summary>round(held within the range · factor), ties to even, as floats. NaN becomes 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<float> Of(Vector256<float> reals)
    {
        Vector256<float> normal = Vector256.GreaterThanOrEqual(Vector256.Abs(reals), Vector256.Create(Denormals.SmallestNormal));
        Vector256<float> held = Vector256.Max(Vector256.Min(reals & normal, Vector256.Create(Range.Max)), Vector256.Create(Range.Min));
        return Vector256.Round(held * Factor);
    }
}
