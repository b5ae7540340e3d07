namespace TransformFramework.Cpu.Kernels.Quantized.Conversions;

/// <summary>Range of a sum of products of 8-bit values as qint32 values: <c>QuantizationRangeForMultiplication</c>.</summary>
internal static class GemmResultRange
{
    /// <summary>Quantized values of qint32 as a float: the highest, 2^31 − 1, is rounded up, so the range is symmetric.</summary>
    private const float HighestValue = 2147483648;

    private const float Levels = 255;

    /// <summary>The range of products of quantized values with these ranges.</summary>
    public static QuantizationRange Of(QuantizationRange x, QuantizationRange y)
    {
        float level = Denormals.Flush(Level(x.Flushed) * Level(y.Flushed));
        return QuantizationRange.Symmetric(Denormals.Flush(level * HighestValue));
    }

    private static float Level(QuantizationRange range) => Denormals.Flush(range.Width / Levels);
}
