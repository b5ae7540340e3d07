namespace TransformFramework.Cpu.Kernels;

/// <summary>Conversions of bfloat16, the upper half of a float's bits.</summary>
internal static class BFloat16
{
    public static float ToFloat(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    /// <summary>Nearest, ties to even; NaN stays NaN.</summary>
    public static ushort FromFloat(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        if (float.IsNaN(value))
            return 0x7fc0;
        return (ushort)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
    }
}
