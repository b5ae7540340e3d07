namespace TransformFramework.Onnx.Model;

/// <summary>A type of 8-bit reals, which graphs hold as float. Its greatest value is what larger ones saturate to.</summary>
/// <param name="ElementType">Number in the format.</param>
/// <param name="Mantissa">Bits behind the leading one.</param>
/// <param name="LeastExponent">Exponent of the smallest normal value.</param>
/// <param name="Largest">Greatest finite value.</param>
/// <param name="IsFinite">True without infinities: all other patterns but the NaN are numbers.</param>
/// <param name="HasNegativeZero">False for the types whose pattern of -0 is the NaN.</param>
internal sealed record Float8(long ElementType, int Mantissa, int LeastExponent, float Largest, bool IsFinite, bool HasNegativeZero)
{
    private static readonly Float8[] Types =
    [
        new(17, 3, -6, 448, true, true), new(18, 3, -7, 240, true, false), new(19, 2, -14, 57344, false, true), new(20, 2, -15, 57344, true, false),
    ];

    /// <summary>The type of a number in the format; null for any other.</summary>
    public static Float8? Of(long elementType) => Array.Find(Types, type => type.ElementType == elementType);

    /// <summary>Distance of neighbouring values around zero.</summary>
    public float LeastStep => MathF.ScaleB(1, LeastExponent - Mantissa);

    /// <summary>The values of bytes.</summary>
    public float[] Decode(ReadOnlySpan<byte> bytes)
    {
        float[] values = new float[bytes.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = Decode(bytes[i]);
        return values;
    }

    private float Decode(byte bits)
    {
        int size = bits & 0x7F;
        int exponent = size >> Mantissa;
        int fraction = size & ((1 << Mantissa) - 1);
        float sign = bits > 0x7F ? -1 : 1;
        bool isLast = exponent == 0x7F >> Mantissa;
        if (HasNegativeZero ? isLast && (IsFinite ? size == 0x7F : fraction != 0) : bits == 0x80)
            return float.NaN;
        if (isLast && !IsFinite)
            return sign * float.PositiveInfinity;
        return exponent == 0 ? sign * fraction * LeastStep : sign * MathF.ScaleB(fraction + (1 << Mantissa), exponent - 1 + LeastExponent - Mantissa);
    }
}
