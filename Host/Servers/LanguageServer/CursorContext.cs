namespace TransformFramework.Servers.LanguageServer;

/// <summary>What a cursor in a script, which may be unfinished, is about to write.</summary>
/// <param name="Call">The call whose arguments it is in; null outside of parentheses.</param>
/// <param name="Given">Arguments of the call that come before.</param>
/// <param name="Argument">The argument whose value it is in; null where a name is written.</param>
/// <param name="Word">What is written of the word so far.</param>
internal sealed record CursorContext(string? Call, IReadOnlyList<string> Given, string? Argument, string Word)
{
    /// <summary>The context at an offset; null within a comment.</summary>
    public static CursorContext? At(string text, int offset)
    {
        string? call = null, argument = null;
        var given = new List<string>();
        int wordStart = 0;
        for (int i = 0; i < offset; i++)
        {
            char c = text[i];
            if (c == '#' && argument is null)
            {
                int end = text.IndexOf('\n', i);
                if (end < 0 || end >= offset)
                    return null;
                (i, wordStart) = (end, end + 1);
            }
            else if (c == '"')
            {
                i = EndOfQuoted(text, i + 1, offset);
                (argument, wordStart) = i < offset ? (null, i + 1) : (argument, wordStart + 1);
            }
            else if (c == '(')
            {
                call = text[wordStart..i].Trim().Split("::")[^1];
                given.Clear();
                wordStart = i + 1;
            }
            else if (c == ')')
            {
                (call, argument, wordStart) = (null, null, i + 1);
            }
            else if (c == '=' && call is not null)
            {
                argument = text[wordStart..i].Trim();
                given.Add(argument);
                wordStart = i + 1;
            }
            else if (c == ',' || char.IsWhiteSpace(c))
            {
                if (text[wordStart..i].Trim().Length > 0 || c == ',')
                    argument = null;
                wordStart = i + 1;
            }
        }
        return new(call, given, argument, text[Math.Min(wordStart, offset)..offset]);
    }

    /// <summary>The offset of the closing quote, or the limit.</summary>
    private static int EndOfQuoted(string text, int from, int limit)
    {
        for (int i = from; i < limit; i++)
        {
            if (text[i] == '\\')
                i++;
            else if (text[i] == '"')
                return i;
        }
        return limit;
    }
}
