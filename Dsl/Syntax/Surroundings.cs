using System.Buffers;

namespace TransformFramework.Dsl.Syntax;

/// <summary>Looks around a place of a script whose tree is not known because it does not parse. Looks at most <see cref="Reach"/> characters far.</summary>
internal readonly ref struct Surroundings(string text, int position)
{
    private const int Reach = 80;
    private static readonly SearchValues<char> BareListCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./, ");
    private static readonly SearchValues<char> ValueEnds = SearchValues.Create(",) \t\r\n");

    private readonly ReadOnlySpan<char> before = text.AsSpan(Math.Max(0, position - Reach), Math.Min(position, Reach));
    private readonly ReadOnlySpan<char> after = text.AsSpan(position, Math.Min(text.Length - position, Reach));

    /// <summary>The character at the place; NUL at the end of the script.</summary>
    public char Current => after.IsEmpty ? '\0' : after[0];

    public char Next => after.Length < 2 ? '\0' : after[1];

    /// <summary>The character before the place; NUL at the start of the script.</summary>
    public char Previous => before.IsEmpty ? '\0' : before[^1];

    /// <summary>The last character before the place that is no blank; NUL when there is none.</summary>
    public char PreviousVisible => Trimmed(before) is { IsEmpty: false } visible ? visible[^1] : '\0';

    /// <summary>The first character from the place on that is no blank; NUL when there is none.</summary>
    public char NextVisible => after.IndexOfAnyExcept(Characters.Blank) is var index and >= 0 ? after[index] : '\0';

    /// <summary>The word that ends at the place.</summary>
    public string WordBefore => Tail(before, Characters.Word).ToString();

    /// <summary>The character before the word that ends at the place.</summary>
    public char BeforeWord => before[..^WordBefore.Length] is { IsEmpty: false } rest ? rest[^1] : '\0';

    public bool Continues(string start) => after.StartsWith(start);

    public bool ComesAfter(string end) => before.EndsWith(end);

    /// <summary>The word around the place with <c>_</c> for every <c>-</c> and <c>.</c> in it.</summary>
    public string WordWithUnderscores
    {
        get
        {
            int end = after.IndexOfAnyExcept(Characters.Value);
            var tail = end < 0 ? after : after[..end];
            return (WordBefore + tail.ToString()).Replace('-', '_').Replace('.', '_').Replace('/', '_');
        }
    }

    /// <summary>The argument whose unquoted value breaks off at the place, as it looks with its whole value in quotes; null when there is none.</summary>
    public string? QuotedArgument()
    {
        var value = Tail(before, Characters.Value);
        int end = after.IndexOfAny(ValueEnds);
        var rest = end < 0 ? after : after[..end];
        return value.IsEmpty ? null : Quote(before[..^value.Length], $"{value}{rest}");
    }

    /// <summary>The argument whose unquoted list of values includes the word before the place, as it looks with the whole list in quotes; null when there is none.</summary>
    public string? QuotedList()
    {
        var list = Tail(before, BareListCharacters);
        if (!list.Contains(','))
            return null;
        int end = after.IndexOfAnyExcept(BareListCharacters);
        var rest = end < 0 ? after : after[..end];
        return rest.Length < after.Length && after[rest.Length] == '=' ? null : Quote(before[..^list.Length], $"{list}{rest.TrimEnd(" ,")}");
    }

    /// <summary>The argument whose value begins at the place, with the value in quotes; brackets around the value are left out.</summary>
    public string QuotedValue()
    {
        int close = Current switch { '[' => after.IndexOf(']'), '{' => after.IndexOf('}'), '\'' => after[1..].IndexOf('\'') + 1, _ => -1 };
        if (close > 0)
            return Quote(before, after[1..close].ToString()) ?? "…";
        int end = after.IndexOfAny(ValueEnds);
        return Quote(before, (end < 0 ? after : after[..end]).ToString()) ?? "…";
    }

    private static string? Quote(ReadOnlySpan<char> beforeValue, string value)
    {
        if (!beforeValue.EndsWith("=") || value.Contains('"', StringComparison.Ordinal))
            return null;
        var name = Tail(beforeValue[..^1], Characters.Word);
        return name.IsEmpty ? null : $"{name}=\"{value}\"";
    }

    private static ReadOnlySpan<char> Tail(ReadOnlySpan<char> span, SearchValues<char> characters) => span[(span.LastIndexOfAnyExcept(characters) + 1)..];

    private static ReadOnlySpan<char> Trimmed(ReadOnlySpan<char> span) => span[..(span.LastIndexOfAnyExcept(Characters.Blank) + 1)];
}
