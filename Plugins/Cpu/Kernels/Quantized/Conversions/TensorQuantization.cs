using System.Numerics;

namespace TransformFramework.Cpu.Kernels.Quantized.Conversions;

/// <summary>Quantized values to real values in single precision, the way whole tensors are converted: <c>QuantizedToFloatStruct</c>.</summary>
internal readonly struct TensorDequantization<TQuantized>
    where TQuantized : unmanaged, IBinaryInteger<TQuantized>, IMinMaxValue<TQuantized>
{
    public TensorDequantization(QuantizationRange given)
    {
        QuantizationRange range = given.Flushed;
        Scale = Denormals.Flush((float)((range.Max - range.Min) / (QuantizedLimits<TQuantized>.Steps - 1)));
        float roundedMin = range.IsPoint ? range.Min : MathF.Round(range.Min / Scale, MidpointRounding.AwayFromZero) * Scale;
        Bias = Denormals.Flush(roundedMin - (QuantizedLimits<TQuantized>.Lowest * Scale));
    }

    public float Scale { get; }

    public float Bias { get; }

    public float Apply(TQuantized level) => Denormals.Flush(Bias + Denormals.Flush(float.CreateTruncating(level) * Scale));
}

/// <summary>Real values to quantized values in single precision, the way whole tensors are converted: <c>FloatToQuantizedStruct</c>. NaN gives 0 for 8 and 16 bits, the lowest quantized value for 32.</summary>
internal readonly struct TensorQuantization<TQuantized>
    where TQuantized : unmanaged, IBinaryInteger<TQuantized>, IMinMaxValue<TQuantized>
{
    private const float LargestInt32AsFloat = 2147483520;

    /// <summary>The lowest quantized value.</summary>
    public static readonly float Lower = QuantizedLimits<TQuantized>.Lowest;
    /// <summary>The highest quantized value, at most the largest integer below 2^31 that is a float.</summary>
    public static readonly float Upper = MathF.Min(QuantizedLimits<TQuantized>.Highest, LargestInt32AsFloat);

    public TensorQuantization(QuantizationRange given)
    {
        QuantizationRange range = given.Flushed;
        Scale = range.IsPoint ? 0 : (float)((QuantizedLimits<TQuantized>.Steps - 1) / range.Width);
        Offset = MathF.Round(range.Min * Scale, MidpointRounding.AwayFromZero) - QuantizedLimits<TQuantized>.Lowest;
    }

    public float Scale { get; }

    /// <summary>Subtracted from a scaled and rounded number.</summary>
    public float Offset { get; }

    public TQuantized Apply(float value)
    {
        float level = MathF.Round(Denormals.Flush(value) * Scale, MidpointRounding.AwayFromZero) - Offset;
        if (level < Lower)
            level = Lower;
        if (Upper < level)
            level = Upper;
        return TQuantized.CreateTruncating(Truncation.ToInt32(level));
    }
}
