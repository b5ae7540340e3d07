namespace TransformFramework.Cpu.Kernels.Quantized.Conversions;

/// <summary>
/// qint32 values to quint8 values of another range in 16-bit fixed point, as <c>RequantizeManyInNewRange</c>: the quantized value is rounded to float first, the product wraps around where
/// the number is more than about 128 times the output range.
/// </summary>
internal readonly struct FixedPointRequantization
{
    private const int Shift = 16;
    private const int Half = 32;
    private const float Levels = 255;
    private const long LargestScale = 1L << 61;
    private const double LargestValue = 1 << 30;

    public FixedPointRequantization(QuantizationRange input, QuantizationRange output)
    {
        input = input.Flushed;
        output = output.Flushed;
        float inputWidth = input.Width;
        float outputWidth = output.Width;
        float perUnit = outputWidth == 0 ? 0 : Levels / outputWidth;
        float middle = (input.Min + input.Max) / 2;
        Scale = outputWidth == 0 ? 0 : Truncation.ToInt64(255.0 * 65536.0 * inputWidth / outputWidth);
        long inputOffset = Truncation.ToInt64(middle * perUnit * 65536f);
        long outputOffset = outputWidth == 0 ? 0 : Truncation.ToInt64(65536.0 * (output.Min * 255.0) / outputWidth);
        Offset = unchecked(inputOffset - outputOffset + (1 << (Shift - 1)));
    }

    /// <summary>Factor of a quantized value, in 32 bits after the point, of 2^16ths of a result.</summary>
    public long Scale { get; }

    /// <summary>Added to the product, in 2^16ths of a result, one half for rounding included.</summary>
    public long Offset { get; }

    /// <summary>The lower half of the factor, with a sign.</summary>
    public int Low => unchecked((int)Scale);

    /// <summary>The upper half of the factor, so that the halves make up the whole with the lower one's sign.</summary>
    public int High => unchecked((int)((Scale - Low) >> Half));

    /// <summary>True when quantized values between two and all that is made of them stay within 32 bits.</summary>
    public bool IsWithin32Bits(int least, int greatest) =>
        Scale is >= 0 and < LargestScale && Math.Abs((double)least) < LargestValue && Math.Abs((double)greatest) < LargestValue && Offset == (int)Offset && IsWithin32Bits(least) && IsWithin32Bits(greatest);

    public byte Apply(int level)
    {
        long product = unchecked((long)(float)level * Scale);
        return (byte)Math.Clamp(unchecked((product >> 32) + Offset) >> Shift, 0, 255);
    }

    public void Apply(ReadOnlySpan<int> quantized, Span<byte> requantized)
    {
        for (int i = 0; i < requantized.Length; i++)
            requantized[i] = Apply(quantized[i]);
    }

    private bool IsWithin32Bits(int level)
    {
        double product = Math.Floor((double)(float)level * Scale / (1L << Half));
        return Math.Abs(product) < int.MaxValue && Math.Abs(product + Offset) < int.MaxValue;
    }
}
