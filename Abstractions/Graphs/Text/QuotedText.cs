using System.Buffers;
using System.Globalization;
using System.Text;

namespace TransformFramework.Graphs.Text;

/// <summary>
/// Writes quoted strings. Names are UTF-16 and escape units as <c>\uNNNN</c>; byte strings escape bytes as <c>\xNN</c>. Whatever a terminal or an editor
/// might not show is escaped.
/// </summary>
internal static class QuotedText
{
    public static void Write(TextWriter output, string text)
    {
        output.Write('"');
        ReadOnlySpan<char> rest = text;
        while (!rest.IsEmpty)
        {
            bool isValid = Rune.DecodeFromUtf16(rest, out Rune rune, out int length) == OperationStatus.Done;
            ReadOnlySpan<char> units = rest[..length];
            rest = rest[length..];
            if (isValid && TryWrite(output, rune, units))
                continue;
            foreach (char unit in units)
                output.Write(string.Create(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}"));
        }
        output.Write('"');
    }

    public static void Write(TextWriter output, ReadOnlySpan<byte> bytes, int? maximum = null)
    {
        int hidden = bytes.Length - Math.Min(bytes.Length, maximum ?? int.MaxValue);
        ReadOnlySpan<byte> rest = bytes[..^hidden];
        Span<char> units = stackalloc char[2];
        output.Write('"');
        while (!rest.IsEmpty)
        {
            bool isValid = Rune.DecodeFromUtf8(rest, out Rune rune, out int length) == OperationStatus.Done;
            if (!isValid || !TryWrite(output, rune, units[..rune.EncodeToUtf16(units)]))
            {
                foreach (byte value in rest[..length])
                    output.Write(string.Create(CultureInfo.InvariantCulture, $"\\x{value:x2}"));
            }
            rest = rest[length..];
        }
        output.Write('"');
        if (hidden > 0)
            output.Write(string.Create(CultureInfo.InvariantCulture, $"<{hidden} more>"));
    }

    private static bool TryWrite(TextWriter output, Rune rune, ReadOnlySpan<char> units)
    {
        switch (rune.Value)
        {
            case '"':
                output.Write("\\\"");
                return true;
            case '\\':
                output.Write("\\\\");
                return true;
            case '\n':
                output.Write("\\n");
                return true;
            case '\r':
                output.Write("\\r");
                return true;
            case '\t':
                output.Write("\\t");
                return true;
        }
        if (!rune.IsAscii ? !IsVisible(rune) : rune.Value is < ' ' or 0x7F)
            return false;
        output.Write(units);
        return true;
    }

    private static bool IsVisible(Rune rune) => Rune.GetUnicodeCategory(rune)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.SpaceSeparator);
}
