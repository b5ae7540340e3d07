using System.Numerics;
using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized.Ranges;

/// <summary>The ways of QuantizeV2 from a widened range and a float to a quantized value. In MIN_COMBINED and SCALED the rounded number is not clamped: NaN gives 0, 2^31 wraps around.</summary>
/// <param name="Mode">MIN_COMBINED, MIN_FIRST or SCALED.</param>
/// <param name="RoundsToEven">For SCALED: ties to even instead of away from zero.</param>
/// <param name="NarrowRange">For SCALED: the lowest quantized value is not used.</param>
internal readonly record struct QuantizationMode(string Mode, bool RoundsToEven, bool NarrowRange)
{
    public static readonly string[] Names = ["MIN_COMBINED", "MIN_FIRST", "SCALED"];

    public static QuantizationMode Of(Node node)
    {
        string mode = node.Choice("mode", Names);
        bool toEven = node.Choice("round_mode", "HALF_AWAY_FROM_ZERO", "HALF_TO_EVEN") == "HALF_TO_EVEN";
        if (toEven && mode != "SCALED")
            throw Refuse.Invalid($"Round mode 'HALF_TO_EVEN' only supported for mode 'SCALED', but mode is '{mode}'.");
        return new(mode, toEven, node.Bool("narrow_range"));
    }

    /// <summary>The range that the quantized values will have: in SCALED that of all quantized values at the scale at which one end of the given range meets its last quantized value.</summary>
    public QuantizationRange Adjust<TQuantized>(QuantizationRange range)
        where TQuantized : unmanaged, IBinaryInteger<TQuantized>, IMinMaxValue<TQuantized>
    {
        if (Mode != "SCALED")
            return range;
        float lowest = QuantizedLimits<TQuantized>.Lowest + (NarrowRange ? 1 : 0);
        float highest = QuantizedLimits<TQuantized>.Highest;
        float factor = Factor(range, lowest, highest);
        return new(Denormals.Flush(lowest / factor), Denormals.Flush(highest / factor));
    }

    /// <summary>In SCALED, quantized values in one, for a range that <see cref="Adjust"/> gave.</summary>
    public float Factor<TQuantized>(QuantizationRange range)
        where TQuantized : unmanaged, IBinaryInteger<TQuantized>, IMinMaxValue<TQuantized> => Factor(range, QuantizedLimits<TQuantized>.Lowest + (NarrowRange ? 1 : 0), QuantizedLimits<TQuantized>.Highest);

    /// <summary>Quantized values of real values for a range that <see cref="Adjust"/> gave.</summary>
    public void Quantize<TQuantized>(ReadOnlySpan<float> reals, Span<TQuantized> quantized, QuantizationRange range)
        where TQuantized : unmanaged, IBinaryInteger<TQuantized>, IMinMaxValue<TQuantized>
    {
        switch (Mode)
        {
            case "MIN_FIRST":
                MinFirst(reals, quantized, range);
                break;
            case "MIN_COMBINED":
                MinCombined(reals, quantized, range);
                break;
            default:
                Scaled(reals, quantized, range);
                break;
        }
    }

    private static void MinFirst<TQuantized>(ReadOnlySpan<float> reals, Span<TQuantized> quantized, QuantizationRange range)
        where TQuantized : unmanaged, IBinaryInteger<TQuantized>, IMinMaxValue<TQuantized>
    {
        var quantization = new TensorQuantization<TQuantized>(range);
        for (int i = 0; i < quantized.Length; i++)
            quantized[i] = quantization.Apply(reals[i]);
    }

    private static void MinCombined<TQuantized>(ReadOnlySpan<float> reals, Span<TQuantized> quantized, QuantizationRange range)
        where TQuantized : unmanaged, IBinaryInteger<TQuantized>, IMinMaxValue<TQuantized>
    {
        float scale = (float)((double)(QuantizedLimits<TQuantized>.Highest - QuantizedLimits<TQuantized>.Lowest) / (range.Max - range.Min));
        float half = (QuantizedLimits<TQuantized>.Highest - QuantizedLimits<TQuantized>.Lowest + 1) / 2;
        for (int i = 0; i < quantized.Length; i++)
        {
            float steps = (Clip(reals[i], range) - range.Min) * scale;
            double level = QuantizedLimits<TQuantized>.IsSigned ? MathF.Round(steps - half, MidpointRounding.AwayFromZero) : steps + 0.5f;
            quantized[i] = TQuantized.CreateTruncating(Truncation.ToInt64(level));
        }
    }

    private void Scaled<TQuantized>(ReadOnlySpan<float> reals, Span<TQuantized> quantized, QuantizationRange range)
        where TQuantized : unmanaged, IBinaryInteger<TQuantized>, IMinMaxValue<TQuantized>
    {
        float factor = Factor<TQuantized>(range);
        MidpointRounding ties = RoundsToEven ? MidpointRounding.ToEven : MidpointRounding.AwayFromZero;
        for (int i = 0; i < quantized.Length; i++)
            quantized[i] = TQuantized.CreateTruncating(Truncation.ToInt64(MathF.Round(Clip(reals[i], range) * factor, ties)));
    }

    private static float Factor(QuantizationRange range, float lowest, float highest)
    {
        float byMin = lowest * range.Min > 0 ? lowest / range.Min : float.MaxValue;
        float byMax = highest * range.Max > 0 ? highest / range.Max : float.MaxValue;
        return QuantizationRange.Smaller(byMin, byMax);
    }

    private static float Clip(float value, QuantizationRange range)
    {
        float number = Denormals.Flush(value);
        return float.IsNaN(number) ? number : MathF.Max(MathF.Min(number, range.Max), range.Min);
    }
}
