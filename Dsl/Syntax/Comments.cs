using System.Collections.Immutable;

namespace TransformFramework.Dsl.Syntax;

/// <summary>Finds the comments in a stretch of blanks and comments.</summary>
internal static class Comments
{
    public static ImmutableArray<Comment> In(Token trivia, SourceText source)
    {
        if (!trivia.Text.Contains('#', StringComparison.Ordinal))
            return [];

        var comments = ImmutableArray.CreateBuilder<Comment>();
        int gapStart = 0;
        while (trivia.Text.IndexOf('#', gapStart) is var start and >= 0)
        {
            int length = trivia.Text.AsSpan(start).IndexOfAny(Characters.LineEnds);
            int end = length < 0 ? trivia.Text.Length : start + length;
            var gap = trivia.Text.AsSpan(gapStart, start - gapStart);
            comments.Add(new Comment(trivia.Text[start..end].TrimEnd())
            {
                Span = source.Span(trivia.Start + start, trivia.Start + end),
                IsTrailing = gapStart == 0 && trivia.Start > 0 && !gap.ContainsAny(Characters.LineEnds),
                FollowsBlankLine = CountLineEnds(gap) > 1,
            });
            gapStart = end;
        }

        return comments.DrainToImmutable();
    }

    /// <summary>True when an empty line is between the last comment, or what comes before the trivia, and its end.</summary>
    public static bool EndsWithBlankLine(Token trivia) => CountLineEnds(AfterLastComment(trivia.Text)) > 1;

    private static ReadOnlySpan<char> AfterLastComment(string trivia)
    {
        int end = trivia.Length;
        while (end > 0 && Characters.IsBlank(trivia[end - 1]))
            end--;
        return trivia.AsSpan(end);
    }

    private static int CountLineEnds(ReadOnlySpan<char> text) =>
        text.Count('\n') + text.Count('\r') - text.Count("\r\n");
}
