namespace TransformFramework.Cpu.Microkernels.Requantize;

/// <summary>
/// Bounds within which kernels convert scaled accumulators to integers without a look at their size: |accumulator| ≤ 2³¹ times half, and a residual of at most 255 · 2²⁰, stay within 32 bits, and packing holds them
/// within the quantized values.
/// </summary>
internal static class AccumulatorBounds
{
    /// <summary>The largest factor of an accumulator.</summary>
    public const float MostScale = 0.5f;

    /// <summary>The largest factor of a residual.</summary>
    public const float MostResidualScale = 1 << 20;

    /// <summary>True for factors within the bounds; false for any that is not a number.</summary>
    public static bool Hold(ReadOnlySpan<float> scales, float residualScale)
    {
        foreach (float scale in scales)
        {
            if (!(MathF.Abs(scale) <= MostScale))
                return false;
        }
        return MathF.Abs(residualScale) <= MostResidualScale;
    }
}
