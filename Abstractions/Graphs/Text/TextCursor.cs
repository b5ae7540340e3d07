using System.Globalization;

namespace TransformFramework.Graphs.Text;

/// <summary>A place in the text that moves forward over words, strings and punctuation. Blanks and comments (<c># …</c>) are passed over.</summary>
internal sealed class TextCursor(string text)
{
    private int position;
    private int tokenEnd;

    public bool IsAtEnd
    {
        get
        {
            SkipBlanks();
            return position == text.Length;
        }
    }

    /// <summary>True when the next token is the character.</summary>
    public bool Sees(char character) => !IsAtEnd && text[position] == character;

    /// <summary>Moves over the character, if it comes next.</summary>
    public bool TryTake(char character)
    {
        if (!Sees(character))
            return false;
        Advance(1);
        return true;
    }

    public void Take(char character)
    {
        if (!TryTake(character))
            throw Expected($"'{character}'");
    }

    /// <summary>Moves over the word, if exactly it comes next.</summary>
    public bool TryTake(string word)
    {
        if (!Sees(word[0]) || !word.AsSpan().SequenceEqual(Peek()))
            return false;
        Advance(word.Length);
        return true;
    }

    /// <summary>The next word without moving; empty when there is none.</summary>
    public ReadOnlySpan<char> Peek()
    {
        SkipBlanks();
        return text.AsSpan(position, TextWords.NameLength(text.AsSpan(position)));
    }

    /// <summary>Moves over a word of names and numbers.</summary>
    public ReadOnlySpan<char> Word(string expected)
    {
        ReadOnlySpan<char> word = Peek();
        if (word.IsEmpty)
            throw Expected(expected);
        Advance(word.Length);
        return word;
    }

    /// <summary>A name, plain or quoted.</summary>
    public string Name(string expected) => Sees('"') ? QuotedName() : Word(expected).ToString();

    /// <summary>An entry of an input list, plain or quoted.</summary>
    public string Input(string expected)
    {
        if (Sees('"'))
            return QuotedName();
        int length = TextWords.InputLength(text.AsSpan(position));
        if (length == 0)
            throw Expected(expected);
        Advance(length);
        return text.Substring(position - length, length);
    }

    /// <summary>A quoted string as UTF-16 text.</summary>
    public string QuotedName() => QuotedReader.Name(Quoted(out int start), offset => Expected("an escape that a name can hold", start + offset));

    /// <summary>A quoted string as bytes.</summary>
    public byte[] QuotedBytes() => QuotedReader.Bytes(Quoted(out int start), offset => Expected("an escape that a byte string can hold", start + offset));

    /// <summary>An integer.</summary>
    public long Integer(string expected)
    {
        SkipBlanks();
        int start = position;
        return long.TryParse(Word(expected), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) ? value : throw Expected(expected, start);
    }

    /// <summary>Pairs of hexadecimal digits.</summary>
    public byte[] Hex()
    {
        SkipBlanks();
        int length = 0;
        while (position + length < text.Length && char.IsAsciiHexDigit(text[position + length]))
            length++;
        if (length % 2 != 0)
            throw Expected("pairs of hexadecimal digits");
        byte[] bytes = Convert.FromHexString(text.AsSpan(position, length));
        Advance(length);
        return bytes;
    }

    /// <summary>The fields behind a <c>!</c>, if one comes next.</summary>
    public UnknownFields UnknownFields()
    {
        if (!TryTake('!'))
            return default;
        byte[] bytes = Hex();
        return bytes.Length > 0 ? new(bytes) : throw Expected("pairs of hexadecimal digits");
    }

    /// <summary>Demands that the next token begins a line.</summary>
    public void BeginLine()
    {
        SkipBlanks();
        if (tokenEnd > 0 && !text.AsSpan(tokenEnd, position - tokenEnd).Contains('\n'))
            throw Expected("the end of the line");
    }

    /// <summary>The place of the next token, for <see cref="Expected(string, int)"/>.</summary>
    public int Mark()
    {
        SkipBlanks();
        return position;
    }

    public GraphTextException Expected(string what)
    {
        SkipBlanks();
        return Expected(what, position);
    }

    public GraphTextException Expected(string what, int at)
    {
        ReadOnlySpan<char> before = text.AsSpan(0, at);
        int line = before.Count('\n') + 1;
        int column = at - before.LastIndexOf('\n');
        return new(line, column, what, Found(at));
    }

    private string Found(int at)
    {
        if (at >= text.Length)
            return "the end of the text";
        if (text[at] == TextWords.Elision[0])
            return "a part that was left out for display ('<'); print it without a limit to read it back";
        int length = Math.Clamp(TextWords.NameLength(text.AsSpan(at)), 1, 40);
        return $"'{text.AsSpan(at, length)}'";
    }

    private ReadOnlySpan<char> Quoted(out int start)
    {
        Take('"');
        start = position;
        int end = position;
        while (end < text.Length && text[end] is not ('"' or '\n'))
            end += text[end] == '\\' ? 2 : 1;
        if (end >= text.Length || text[end] == '\n')
            throw Expected("a closing quote", Math.Min(end, text.Length));
        Advance(end + 1 - start);
        return text.AsSpan(start, end - start);
    }

    private void Advance(int length)
    {
        position += length;
        tokenEnd = position;
    }

    private void SkipBlanks()
    {
        while (position < text.Length)
        {
            if (text[position] == '#')
            {
                int end = text.IndexOf('\n', position);
                position = end < 0 ? text.Length : end;
            }
            else if (text[position] is ' ' or '\t' or '\r' or '\n')
            {
                position++;
            }
            else
            {
                return;
            }
        }
    }
}
