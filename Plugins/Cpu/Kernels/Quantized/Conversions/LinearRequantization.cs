namespace TransformFramework.Cpu.Kernels.Quantized;

/// <summary>quint8 codes to qint32 codes of another range by the straight line through the codes 0 and 1, as <c>RequantizeManyInNewRange8To32Bit</c>.</summary>
internal readonly struct LinearRequantization
{
    private readonly long first;
    private readonly int step;

    public LinearRequantization(CodeRange input, CodeRange output)
    {
        var from = new ScalarCodes<byte>(input);
        var to = new ScalarCodes<int>(output);
        first = to.QuantizeUnclamped(from.Dequantize(0));
        step = unchecked((int)(to.QuantizeUnclamped(from.Dequantize(1)) - first));
    }

    public int Apply(byte code) => (int)Math.Clamp(unchecked(first + ((long)code * step)), int.MinValue, int.MaxValue);
}
