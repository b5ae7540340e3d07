namespace TransformFramework.Cpu.Kernels.Quantized;

/// <summary>Range of a sum of products of 8-bit codes as qint32 codes: <c>QuantizationRangeForMultiplication</c>.</summary>
internal static class ProductRange
{
    /// <summary>Codes of qint32 as a float: the highest, 2^31 − 1, is rounded up, so the range is symmetric.</summary>
    private const float HighestCode = 2147483648;

    private const float Levels = 255;

    /// <summary>The range of products of codes with these ranges.</summary>
    public static CodeRange Of(CodeRange x, CodeRange y)
    {
        float level = Denormals.Flush(Level(x.Flushed) * Level(y.Flushed));
        return CodeRange.Symmetric(Denormals.Flush(level * HighestCode));
    }

    private static float Level(CodeRange range) => Denormals.Flush(range.Width / Levels);
}
