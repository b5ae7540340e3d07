using System.Globalization;
using System.Text;
using TransformFramework.ModelFiles;

namespace TransformFramework.Toolkit.Protobuf.Text;

/// <summary>Splits text into names, numbers, strings and marks. Errors carry line and column, both from 1.</summary>
internal sealed class TextScanner(ReadOnlyMemory<byte> text)
{
    private int position;

    /// <summary>Offset of the next token, blanks and comments skipped.</summary>
    public int Position
    {
        get
        {
            SkipBlanks();
            return position;
        }
    }

    public bool AtEnd => Position == text.Length;

    /// <summary>The next token's first byte; 0 at the end.</summary>
    public byte Peek() => AtEnd ? (byte)0 : text.Span[position];

    /// <summary>Consumes a mark if it is next.</summary>
    public bool TryTake(char mark)
    {
        if (Peek() != mark || AtEnd)
            return false;
        position++;
        return true;
    }

    public void Take(char mark)
    {
        if (!TryTake(mark))
            throw Expected($"'{mark}'");
    }

    /// <summary>Consumes a name or a number without sign.</summary>
    public string Word(string expected)
    {
        int start = Position;
        ReadOnlySpan<byte> span = text.Span;
        while (position < span.Length && IsWordByte(span, start))
            position++;
        return position > start ? Encoding.ASCII.GetString(span[start..position]) : throw Expected(expected);
    }

    /// <summary>Consumes one or more adjacent quoted strings.</summary>
    public byte[] String()
    {
        if (!AtQuote())
            throw Expected("a string");
        var bytes = new List<byte>();
        while (AtQuote())
            position = TextEscapes.Read(text.Span, position, bytes, this);
        return [.. bytes];
    }

    /// <summary>Steps over the rest of a message whose beginning was consumed.</summary>
    /// <param name="close">The mark that ends it.</param>
    public void SkipMessage(char close)
    {
        var open = new Stack<char>([close]);
        while (open.TryPeek(out char mark))
        {
            if (AtEnd)
                throw Expected($"'{mark}'");
            byte next = Peek();
            if (next == mark)
                open.Pop();
            if (AtQuote())
                String();
            else
                position++;
            if (next is (byte)'{' or (byte)'[')
                open.Push(next == '{' ? '}' : ']');
        }
    }

    public ModelFormatException Expected(string what)
    {
        int at = Position;
        string found = at == text.Length ? "the end of the file" : $"'{Describe(text.Span[at])}'";
        return Error(at, $"expected {what}, found {found}");
    }

    public ModelFormatException Error(int at, string message)
    {
        ReadOnlySpan<byte> before = text.Span[..at];
        int line = before.Count((byte)'\n') + 1;
        int column = at - (before.LastIndexOf((byte)'\n') + 1) + 1;
        return new(ToolkitDiagnostics.MalformedText.Format(line, column, message))
        {
            DiagnosticId = ToolkitDiagnostics.MalformedText.Id,
            Suggestion = "Correct the text at that place; the format is protobuf's text format. If the file is no graph in text, give the model's own file.",
        };
    }

    private static string Describe(byte value) =>
        value is >= 0x20 and < 0x7F ? ((char)value).ToString() : string.Create(CultureInfo.InvariantCulture, $"\\x{value:x2}");

    private bool AtQuote() => Peek() is (byte)'"' or (byte)'\'';

    private bool IsWordByte(ReadOnlySpan<byte> span, int start)
    {
        byte value = span[position];
        if (char.IsAsciiLetterOrDigit((char)value) || value is (byte)'_' or (byte)'.')
            return true;
        bool isNumber = char.IsAsciiDigit((char)span[start]) || span[start] == '.';
        return isNumber && value is (byte)'+' or (byte)'-' && position > start && span[position - 1] is (byte)'e' or (byte)'E'
            && !IsHexadecimal(span[start..]);
    }

    private static bool IsHexadecimal(ReadOnlySpan<byte> word) => word.Length > 1 && word[1] is (byte)'x' or (byte)'X';

    private void SkipBlanks()
    {
        ReadOnlySpan<byte> span = text.Span;
        while (position < span.Length)
        {
            if (span[position] is (byte)' ' or (>= 9 and <= 13))
            {
                position++;
            }
            else if (span[position] == '#')
            {
                int end = span[position..].IndexOf((byte)'\n');
                position = end < 0 ? span.Length : position + end;
            }
            else
            {
                return;
            }
        }
    }
}
