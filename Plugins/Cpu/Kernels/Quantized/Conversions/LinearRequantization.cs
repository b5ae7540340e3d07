
namespace TransformFramework.Cpu.Kernels.Quantized.Conversions;

/// <summary>quint8 values to qint32 values of another range by the straight line through the quantized values 0 and 1, as <c>RequantizeManyInNewRange8To32Bit</c>.</summary>
internal readonly struct LinearRequantization
{
    public LinearRequantization(QuantizationRange input, QuantizationRange output)
    {
        var from = new AffineQuantizer<byte>(input);
        var to = new AffineQuantizer<int>(output);
        First = to.QuantizeUnclamped(from.Dequantize(0));
        Scale = unchecked((int)(to.QuantizeUnclamped(from.Dequantize(1)) - First));
    }

    /// <summary>The quantized value of the quantized value 0, also outside of the type's quantized values.</summary>
    public long First { get; }

    public int Scale { get; }

    /// <summary>True when the quantized values of all 8-bit values are within the type's quantized values.</summary>
    public bool IsUnclamped => (int)First == First && (int)(First + ((long)byte.MaxValue * Scale)) == First + ((long)byte.MaxValue * Scale);

    public int Apply(byte level) => (int)Math.Clamp(unchecked(First + ((long)level * Scale)), int.MinValue, int.MaxValue);
}
