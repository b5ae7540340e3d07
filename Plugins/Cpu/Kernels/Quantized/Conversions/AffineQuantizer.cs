using System.Numerics;
using TransformFramework.Cpu.Kernels.Quantized.Ranges;

namespace TransformFramework.Cpu.Kernels.Quantized.Conversions;

/// <summary>
/// Conversions of single real values in double precision: <c>FloatToQuantized</c> and <c>QuantizedToFloat</c>. The smallest number is moved to a multiple of the step,
/// so that a zero inside the range has a code of its own.
/// </summary>
internal readonly struct AffineQuantizer<TQuantized>
    where TQuantized : unmanaged, IBinaryInteger<TQuantized>, IMinMaxValue<TQuantized>
{
    private readonly QuantizationRange given;
    private readonly QuantizationRange range;
    private readonly double codesPerUnit;
    private readonly double step;
    private readonly double firstCode;
    private readonly float roundedMin;

    public AffineQuantizer(QuantizationRange given)
    {
        this.given = given;
        range = given.Flushed;
        double steps = Codes<TQuantized>.Steps;
        double span = range.Width * (steps / (steps - 1));
        codesPerUnit = steps / span;
        step = span / steps;
        firstCode = Math.Round(range.Min * codesPerUnit, MidpointRounding.AwayFromZero);
        roundedMin = MathF.Round(Denormals.Flush(range.Min / (float)step), MidpointRounding.AwayFromZero) * (float)step;
    }

    /// <summary>The quantized value of real zero as an int32; far outside of the quantized values when zero lies far outside of the range.</summary>
    public int ZeroPoint => unchecked((int)QuantizeUnclamped(0));

    /// <summary>The nearest quantized value, also outside of the type's quantized values.</summary>
    public long QuantizeUnclamped(float value)
    {
        if (range.IsPoint)
            return Codes<TQuantized>.Lowest;
        double code = Math.Round(Denormals.Flush(value) * codesPerUnit, MidpointRounding.AwayFromZero) - firstCode;
        return unchecked(Truncation.ToInt64(code) + Codes<TQuantized>.Lowest);
    }

    /// <summary>The nearest quantized value.</summary>
    public TQuantized Quantize(float value) => TQuantized.CreateTruncating(Math.Clamp(QuantizeUnclamped(value), Codes<TQuantized>.Lowest, Codes<TQuantized>.Highest));

    /// <summary>What a quantized value represents; the quantized value is rounded to float first.</summary>
    public float Dequantize(TQuantized code) => range.IsPoint
        ? given.Min
        : Denormals.Flush((float)(roundedMin + (((double)float.CreateTruncating(code) - Codes<TQuantized>.Lowest) * step)));
}
