using System.Numerics;

namespace TransformFramework.Cpu.Kernels.Quantized.Conversions;

/// <summary>
/// Conversions of single real values in double precision: <c>FloatToQuantized</c> and <c>QuantizedToFloat</c>. The smallest number is moved to a multiple of the step,
/// so that a zero inside the range has a quantized value of its own.
/// </summary>
internal readonly struct AffineQuantizer<TQuantized>
    where TQuantized : unmanaged, IBinaryInteger<TQuantized>, IMinMaxValue<TQuantized>
{
    private readonly QuantizationRange given;
    private readonly QuantizationRange range;
    private readonly double quantizedPerUnit;
    private readonly double step;
    private readonly double lowestQuantized;
    private readonly float roundedMin;

    public AffineQuantizer(QuantizationRange given)
    {
        this.given = given;
        range = given.Flushed;
        double steps = QuantizedLimits<TQuantized>.Steps;
        double span = range.Width * (steps / (steps - 1));
        quantizedPerUnit = steps / span;
        step = span / steps;
        lowestQuantized = Math.Round(range.Min * quantizedPerUnit, MidpointRounding.AwayFromZero);
        roundedMin = MathF.Round(Denormals.Flush(range.Min / (float)step), MidpointRounding.AwayFromZero) * (float)step;
    }

    /// <summary>The quantized value of real zero as an int32; far outside of the quantized values when zero is far outside of the range.</summary>
    public int ZeroPoint => unchecked((int)QuantizeUnclamped(0));

    /// <summary>The nearest quantized value, also outside of the type's quantized values.</summary>
    public long QuantizeUnclamped(float value)
    {
        if (range.IsPoint)
            return QuantizedLimits<TQuantized>.Lowest;
        double level = Math.Round(Denormals.Flush(value) * quantizedPerUnit, MidpointRounding.AwayFromZero) - lowestQuantized;
        return unchecked(Truncation.ToInt64(level) + QuantizedLimits<TQuantized>.Lowest);
    }

    /// <summary>The nearest quantized value.</summary>
    public TQuantized Quantize(float value) => TQuantized.CreateTruncating(Math.Clamp(QuantizeUnclamped(value), QuantizedLimits<TQuantized>.Lowest, QuantizedLimits<TQuantized>.Highest));

    /// <summary>What a quantized value represents; the quantized value is rounded to float first.</summary>
    public float Dequantize(TQuantized level) => range.IsPoint
        ? given.Min
        : Denormals.Flush((float)(roundedMin + (((double)float.CreateTruncating(level) - QuantizedLimits<TQuantized>.Lowest) * step)));
}
