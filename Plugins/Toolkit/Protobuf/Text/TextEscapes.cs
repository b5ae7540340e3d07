using System.Globalization;
using System.Text;

namespace TransformFramework.Toolkit.Protobuf.Text;

/// <summary>Reads quoted strings with C escapes.</summary>
internal static class TextEscapes
{
    /// <summary>Reads the string whose quote is at the position, appends its bytes, and gives the position after it.</summary>
    public static int Read(ReadOnlySpan<byte> text, int position, List<byte> bytes, TextScanner scanner)
    {
        int start = position;
        byte quote = text[position++];
        while (position < text.Length && text[position] != '\n')
        {
            byte value = text[position++];
            if (value == quote)
                return position;
            if (value != '\\')
                bytes.Add(value);
            else
                position = ReadEscape(text, position, bytes, scanner);
        }
        throw scanner.Error(start, "a string without its closing quote");
    }

    private static int ReadEscape(ReadOnlySpan<byte> text, int position, List<byte> bytes, TextScanner scanner)
    {
        if (position == text.Length)
            throw scanner.Error(position, "an escape that is cut short");
        char kind = (char)text[position];
        switch (kind)
        {
            case >= '0' and <= '7':
                return ReadDigits(text, position, most: 3, numberBase: 8, bytes);
            case 'x' or 'X' when position + 1 < text.Length && char.IsAsciiHexDigit((char)text[position + 1]):
                return ReadDigits(text, position + 1, most: 2, numberBase: 16, bytes);
            case 'u' or 'U':
                return ReadCodePoint(text, position, kind == 'u' ? 4 : 8, bytes, scanner);
        }
        const string Escapes = "abfnrtv\\'\"?";
        const string Values = "\a\b\f\n\r\t\v\\'\"?";
        int index = Escapes.IndexOf(kind, StringComparison.Ordinal);
        if (index < 0)
            throw scanner.Error(position - 1, "an unknown escape");
        bytes.Add((byte)Values[index]);
        return position + 1;
    }

    private static int ReadDigits(ReadOnlySpan<byte> text, int position, int most, int numberBase, List<byte> bytes)
    {
        int value = 0;
        for (int end = position + most; position < end && position < text.Length && IsDigit(text[position], numberBase); position++)
            value = (value * numberBase) + Convert.ToInt32(((char)text[position]).ToString(), 16);
        bytes.Add((byte)value);
        return position;
    }

    private static bool IsDigit(byte value, int numberBase) => numberBase == 8 ? value is >= (byte)'0' and <= (byte)'7' : char.IsAsciiHexDigit((char)value);

    private static int ReadCodePoint(ReadOnlySpan<byte> text, int position, int digits, List<byte> bytes, TextScanner scanner)
    {
        int end = position + 1 + digits;
        if (end > text.Length
            || !uint.TryParse(text[(position + 1)..end], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint number)
            || !Rune.TryCreate(number, out Rune rune))
        {
            throw scanner.Error(position - 1, "an escape that is not a Unicode character");
        }
        Span<byte> encoded = stackalloc byte[4];
        bytes.AddRange(encoded[..rune.EncodeToUtf8(encoded)]);
        return end;
    }
}
