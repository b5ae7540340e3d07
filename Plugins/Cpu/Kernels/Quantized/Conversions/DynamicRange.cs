namespace TransformFramework.Cpu.Kernels.Quantized.Conversions;

/// <summary>
/// Parameters of a row that is quantized by the range of its own values and 0: quint8 values that are 128 more than TensorFlow's qint8 ones. The zero point is computed from the end that is nearer to it in
/// steps, in double, as TensorFlow Lite's asymmetric quantization does.
/// </summary>
/// <param name="Scale">The real value of a step; NaN where the row holds what is not finite, so that its results are NaN too.</param>
/// <param name="ZeroPoint">The quantized value of 0.</param>
internal readonly record struct DynamicRange(float Scale, int ZeroPoint)
{
    private const double Steps = byte.MaxValue;

    /// <summary>How real values become quantized ones.</summary>
    public DynamicQuantization Quantization => new(float.IsNaN(Scale) ? 0 : 1 / Scale, ZeroPoint);

    /// <summary>The parameters of a row with these extremes.</summary>
    /// <param name="least">The least value.</param>
    /// <param name="greatest">The greatest value.</param>
    /// <param name="isFinite">Whether all values are finite.</param>
    public static DynamicRange Of(float least, float greatest, bool isFinite)
    {
        double min = Math.Min(least, 0f);
        double max = Math.Max(greatest, 0f);
        if (!isFinite)
            return new(float.NaN, 0);
        double scale = (max - min) / Steps;
        if (!float.IsNormal((float)scale) || !float.IsFinite(1 / (float)scale))
            return new(1, 0);
        double below = -min / scale;
        double above = Steps - (max / scale);
        double zero = -min < max ? below : above;
        return new((float)scale, (int)Math.Clamp(Math.Round(zero), 0, Steps));
    }

    /// <summary>The quantized value of a real one.</summary>
    public byte Quantize(float value)
    {
        DynamicQuantization quantization = Quantization;
        float steps = MathF.Floor((value * quantization.Factor) + 0.5f);
        return float.IsNaN(Scale) ? (byte)0 : (byte)(Math.Clamp(steps, -ZeroPoint, byte.MaxValue - ZeroPoint) + ZeroPoint);
    }

    /// <summary>True where every value of a row is finite.</summary>
    public static bool IsFinite(ReadOnlySpan<float> row) => !row.ContainsAnyExceptInRange(float.MinValue, float.MaxValue);
}
