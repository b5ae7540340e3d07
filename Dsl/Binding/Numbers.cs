using System.Globalization;
using System.Numerics;

namespace TransformFramework.Dsl.Binding;

/// <summary>Numbers as the original tool reads them.</summary>
internal static class Numbers
{
    private const string Blanks = " \t\n\v\f\r";

    /// <summary>Digits with an optional <c>-</c>, blanks around them; no <c>+</c>, no other base, within the type's range.</summary>
    public static bool TryParseInteger<T>(string text, out T value)
        where T : struct, IBinaryInteger<T>
    {
        var trimmed = text.AsSpan().Trim(Blanks);
        value = default;
        return trimmed is ['-' or (>= '0' and <= '9'), ..] && T.TryParse(trimmed, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>A decimal number with an optional fraction and exponent, <c>inf</c>, <c>nan</c> or a hexadecimal number, blanks around it. Too large is infinite.</summary>
    public static bool TryParseFloat<T>(string text, out T value)
        where T : struct, IBinaryFloatingPointIeee754<T>
    {
        var trimmed = text.AsSpan().Trim(Blanks);
        bool isNegative = trimmed.StartsWith("-");
        var magnitude = isNegative || trimmed.StartsWith("+") ? trimmed[1..] : trimmed;
        bool parsed = TryParseMagnitude(magnitude, out value);
        value = isNegative ? -value : value;
        return parsed;
    }

    private static bool TryParseMagnitude<T>(ReadOnlySpan<char> text, out T value)
        where T : struct, IBinaryFloatingPointIeee754<T>
    {
        value = T.Zero;
        if (text is [>= '0' and <= '9' or '.', ..] && !text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            return T.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out value);
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            return TryParseHexadecimal(text[2..], out value);
        if (Is(text, "inf") || Is(text, "infinity"))
            value = T.PositiveInfinity;
        else if (Is(text, "nan"))
            value = T.CopySign(T.NaN, T.One);
        else
            return false;
        return true;
    }

    /// <summary><c>1f</c>, <c>1.8p3</c>: hexadecimal digits with an optional fraction and an optional binary exponent.</summary>
    private static bool TryParseHexadecimal<T>(ReadOnlySpan<char> text, out T value)
        where T : struct, IBinaryFloatingPointIeee754<T>
    {
        value = T.Zero;
        int exponent = 0;
        int exponentMark = text.IndexOfAny('p', 'P');
        if (exponentMark >= 0 && !int.TryParse(text[(exponentMark + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent))
            return false;

        var mantissa = exponentMark >= 0 ? text[..exponentMark] : text;
        int point = mantissa.IndexOf('.');
        int fractionDigits = point < 0 ? 0 : mantissa.Length - point - 1;
        string digits = point < 0 ? mantissa.ToString() : string.Concat(mantissa[..point], mantissa[(point + 1)..]);
        if (!BigInteger.TryParse("0" + digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var whole) || digits.Length == 0)
            return false;

        long scale = Math.Clamp(exponent - (4L * fractionDigits), -5000, 5000);
        value = T.CreateSaturating(Math.ScaleB((double)whole, (int)scale));
        return true;
    }

    private static bool Is(ReadOnlySpan<char> text, string word) => text.Equals(word, StringComparison.OrdinalIgnoreCase);
}
