using System.Globalization;
using System.Numerics;

namespace TransformFramework.Toolkit.Protobuf.Text;

/// <summary>Numbers as protobuf's text format spells them.</summary>
internal static class TextNumbers
{
    /// <summary>The bits of the NaN that <c>nan</c> stands for.</summary>
    private const uint NotANumber = 0x7FC0_0000;

    public static string Print<T>(T value)
        where T : IFloatingPointIeee754<T>
    {
        if (T.IsNaN(value))
            return "nan";
        if (T.IsInfinity(value))
            return T.IsNegative(value) ? "-inf" : "inf";
        return value.ToString("R", CultureInfo.InvariantCulture).ToLowerInvariant();
    }

    /// <summary>Bits of a float; it is read as a double first, as the protobuf library does.</summary>
    public static uint FloatBits(double value) => double.IsNaN(value)
        ? NotANumber | (double.IsNegative(value) ? 1u << 31 : 0)
        : BitConverter.SingleToUInt32Bits((float)value);

    /// <summary>Reads the digits of an integer: decimal, <c>0x</c> hexadecimal or <c>0</c> octal.</summary>
    public static bool TryParseInteger(string digits, out ulong value)
    {
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            return ulong.TryParse(digits.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
        if (digits.Length == 1 || digits[0] != '0')
            return ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value);
        return TryParseOctal(digits, out value);
    }

    /// <summary>Reads a number without sign, with an optional <c>f</c>, or <c>inf</c>, <c>infinity</c>, <c>nan</c>.</summary>
    public static bool TryParseFloat(string text, out double value)
    {
        switch (text.ToLowerInvariant())
        {
            case "inf" or "infinity" or "inff" or "infinityf":
                value = double.PositiveInfinity;
                return true;
            case "nan" or "nanf":
                value = BitConverter.UInt64BitsToDouble(0x7FF8_0000_0000_0000);
                return true;
            default:
                string number = text.EndsWith('f') || text.EndsWith('F') ? text[..^1] : text;
                return double.TryParse(number, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out value);
        }
    }

    private static bool TryParseOctal(string digits, out ulong value)
    {
        value = 0;
        foreach (char digit in digits)
        {
            if (digit is < '0' or > '7' || value >> 61 != 0)
                return false;
            value = (value << 3) | (uint)(digit - '0');
        }
        return true;
    }
}
