namespace TransformFramework.Graphs.Text;

/// <summary>Bits of the usual NaN of each type, and of bfloat16.</summary>
internal static class FloatBits
{
    public const uint SingleNaN = 0x7FC00000;
    public const ulong DoubleNaN = 0x7FF8000000000000;
    public const ushort HalfNaN = 0x7E00;
    public const ushort BrainNaN = 0x7FC0;

    public static float FromBrain(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    /// <summary>The nearest bfloat16, ties to even. Not for NaN.</summary>
    public static ushort ToBrain(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
