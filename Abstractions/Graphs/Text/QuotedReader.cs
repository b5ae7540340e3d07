using System.Globalization;
using System.Text;

namespace TransformFramework.Graphs.Text;

/// <summary>Resolves the escapes of quoted strings: <c>\n \r \t \" \\ \xNN \uNNNN</c>.</summary>
internal static class QuotedReader
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static string Name(ReadOnlySpan<char> text, Func<int, GraphTextException> error)
    {
        if (!text.Contains('\\'))
            return text.ToString();
        var name = new StringBuilder(text.Length);
        for (int at = 0; at < text.Length;)
            name.Append(text[at] == '\\' ? (char)Escape(text, ref at, out _, error) : text[at++]);
        return name.ToString();
    }

    public static byte[] Bytes(ReadOnlySpan<char> text, Func<int, GraphTextException> error)
    {
        var bytes = new List<byte>(text.Length);
        for (int at = 0; at < text.Length;)
        {
            int start = at;
            if (text[at] != '\\')
            {
                int length = text[at..].IndexOf('\\');
                length = length < 0 ? text.Length - at : length;
                AppendUtf8(bytes, text.Slice(at, length), start, error);
                at += length;
                continue;
            }
            int value = Escape(text, ref at, out bool isByte, error);
            if (isByte)
                bytes.Add((byte)value);
            else
                AppendUtf8(bytes, [(char)value], start, error);
        }
        return [.. bytes];
    }

    private static void AppendUtf8(List<byte> bytes, ReadOnlySpan<char> text, int start, Func<int, GraphTextException> error)
    {
        try
        {
            byte[] encoded = new byte[Utf8.GetByteCount(text)];
            Utf8.GetBytes(text, encoded);
            bytes.AddRange(encoded);
        }
        catch (EncoderFallbackException)
        {
            throw error(start);
        }
    }

    private static int Escape(ReadOnlySpan<char> text, ref int at, out bool isByte, Func<int, GraphTextException> error)
    {
        int start = at;
        char kind = at + 1 < text.Length ? text[at + 1] : '\0';
        at += 2;
        isByte = kind == 'x';
        return kind switch
        {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            '"' or '\\' => kind,
            'x' => Digits(text, ref at, 2) ?? throw error(start),
            'u' => Digits(text, ref at, 4) ?? throw error(start),
            _ => throw error(start),
        };
    }

    private static int? Digits(ReadOnlySpan<char> text, ref int at, int count)
    {
        if (at + count > text.Length || !int.TryParse(text.Slice(at, count), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value))
            return null;
        at += count;
        return value;
    }
}
