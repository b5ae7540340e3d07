using System.Numerics;

namespace TransformFramework.Cpu.Kernels.Quantized;

/// <summary>
/// Conversions of single numbers in double precision: <c>FloatToQuantized</c> and <c>QuantizedToFloat</c>. The smallest number is moved to a multiple of the step,
/// so that a zero inside the range has a code of its own.
/// </summary>
internal readonly struct ScalarCodes<TCode>
    where TCode : unmanaged, IBinaryInteger<TCode>, IMinMaxValue<TCode>
{
    private readonly CodeRange given;
    private readonly CodeRange range;
    private readonly double codesPerUnit;
    private readonly double step;
    private readonly double firstCode;
    private readonly float roundedMin;

    public ScalarCodes(CodeRange given)
    {
        this.given = given;
        range = given.Flushed;
        double steps = Codes<TCode>.Steps;
        double extent = range.Width * (steps / (steps - 1));
        codesPerUnit = steps / extent;
        step = extent / steps;
        firstCode = Math.Round(range.Min * codesPerUnit, MidpointRounding.AwayFromZero);
        roundedMin = MathF.Round(Denormals.Flush(range.Min / (float)step), MidpointRounding.AwayFromZero) * (float)step;
    }

    /// <summary>The code of real zero as an int32; far outside of the codes when zero lies far outside of the range.</summary>
    public int ZeroPoint => unchecked((int)QuantizeUnclamped(0));

    /// <summary>The nearest code, also outside of the type's codes.</summary>
    public long QuantizeUnclamped(float value)
    {
        if (range.IsPoint)
            return Codes<TCode>.Lowest;
        double code = Math.Round(Denormals.Flush(value) * codesPerUnit, MidpointRounding.AwayFromZero) - firstCode;
        return unchecked(Truncation.ToInt64(code) + Codes<TCode>.Lowest);
    }

    /// <summary>The nearest code.</summary>
    public TCode Quantize(float value) => TCode.CreateTruncating(Math.Clamp(QuantizeUnclamped(value), Codes<TCode>.Lowest, Codes<TCode>.Highest));

    /// <summary>What a code stands for; the code is rounded to float first.</summary>
    public float Dequantize(TCode code) => range.IsPoint
        ? given.Min
        : Denormals.Flush((float)(roundedMin + (((double)float.CreateTruncating(code) - Codes<TCode>.Lowest) * step)));
}
