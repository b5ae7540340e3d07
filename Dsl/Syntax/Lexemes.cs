using System.Buffers;
using Sprache;

namespace TransformFramework.Dsl.Syntax;

/// <summary>A stretch of the script as the grammar found it.</summary>
internal sealed record Token(string Text, int Start)
{
    public int End => Start + Text.Length;

    public bool IsEmpty => Text.Length == 0;
}

/// <summary>The tokens of the language. Each reads its whole text in one step; a failure consumes nothing.</summary>
internal static class Lexemes
{
    /// <summary>Blanks and comments, possibly none.</summary>
    public static readonly Parser<Token> Trivia = Scan(SkipTrivia, "");

    /// <summary>A plugin's name, where two colons follow it.</summary>
    public static readonly Parser<Token> PluginName = Scan(
        (text, start) =>
        {
            int end = SkipRun(text, start, Characters.PluginName);
            return end > start && text.AsSpan(end).StartsWith("::") ? end : ~end;
        },
        Expected.TransformName);

    /// <summary>The end of the script.</summary>
    public static readonly Parser<Token> End = Scan((text, start) => start == text.Length ? start : ~start, Expected.TransformName);

    /// <summary>One or more characters of a class.</summary>
    public static Parser<Token> Run(SearchValues<char> characters, string expected) => Scan(
        (text, start) => SkipRun(text, start, characters) is var end && end > start ? end : ~start,
        expected);

    /// <summary>One character of several.</summary>
    public static Parser<Token> OneOf(string characters, string expected) => Scan(
        (text, start) => start < text.Length && characters.Contains(text[start], StringComparison.Ordinal) ? start + 1 : ~start,
        expected);

    /// <summary>Everything, possibly nothing, before the next of the characters that no backslash protects.</summary>
    public static Parser<Token> UntilUnescaped(string characters)
    {
        var stops = SearchValues.Create(characters + '\\');
        return Scan(
            (text, start) =>
            {
                for (int position = start; position < text.Length; position += 2)
                {
                    int offset = text.AsSpan(position).IndexOfAny(stops);
                    if (offset < 0)
                        return ~text.Length;
                    position += offset;
                    if (text[position] != '\\')
                        return position;
                }

                return ~text.Length;
            },
            Expected.ClosingQuote);
    }

    /// <param name="findEnd">Where the token ends that starts at a position; the complement of the position up to which it looked when there is none.</param>
    /// <param name="expected">What a failure says was expected.</param>
    private static Parser<Token> Scan(Func<string, int, int> findEnd, string expected) => input =>
    {
        int end = findEnd(input.Source, input.Position);
        ((ScriptInput)input).Work.Add((end < 0 ? ~end : end) - input.Position + 1);
        return end >= 0
            ? Result.Success(new Token(input.Source[input.Position..end], input.Position), ((ScriptInput)input).JumpTo(end))
            : Result.Failure<Token>(input, "", [expected]);
    };

    private static int SkipRun(string text, int start, SearchValues<char> characters)
    {
        int length = text.AsSpan(start).IndexOfAnyExcept(characters);
        return length < 0 ? text.Length : start + length;
    }

    private static int SkipTrivia(string text, int start)
    {
        int position = SkipRun(text, start, Characters.Blank);
        while (position < text.Length && text[position] == '#')
        {
            int length = text.AsSpan(position).IndexOfAny(Characters.LineEnds);
            position = length < 0 ? text.Length : SkipRun(text, position + length, Characters.Blank);
        }

        return position;
    }
}
