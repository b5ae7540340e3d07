namespace TransformFramework.Cpu.Kernels.Quantized;

/// <summary>quint8 codes to qint32 codes of another range by the straight line through the codes 0 and 1, as <c>RequantizeManyInNewRange8To32Bit</c>.</summary>
internal readonly struct LinearRequantization
{
    public LinearRequantization(CodeRange input, CodeRange output)
    {
        var from = new ScalarCodes<byte>(input);
        var to = new ScalarCodes<int>(output);
        First = to.QuantizeUnclamped(from.Dequantize(0));
        Step = unchecked((int)(to.QuantizeUnclamped(from.Dequantize(1)) - First));
    }

    /// <summary>The code of the code 0, also outside of the type's codes.</summary>
    public long First { get; }

    public int Step { get; }

    /// <summary>True when the codes of all 8-bit codes lie within the type's codes.</summary>
    public bool IsUnclamped => (int)First == First && (int)(First + ((long)byte.MaxValue * Step)) == First + ((long)byte.MaxValue * Step);

    public int Apply(byte code) => (int)Math.Clamp(unchecked(First + ((long)code * Step)), int.MinValue, int.MaxValue);
}
