using System.Collections.Immutable;
using TransformFramework.Diagnostics;

namespace TransformFramework.Dsl.Syntax;

/// <summary>Script text that knows its lines. A line ends with <c>\n</c>, <c>\r</c> or both.</summary>
internal sealed class SourceText(string text)
{
    private readonly ImmutableArray<int> lineStarts = FindLineStarts(text);

    public string Text { get; } = text;

    public SourceSpan Span(int start, int end)
    {
        int line = LineAt(start);
        return new SourceSpan(start, end - start, line + 1, start - lineStarts[line] + 1);
    }

    /// <summary>Index from 0 of the line that holds the character.</summary>
    public int LineAt(int position)
    {
        int found = lineStarts.BinarySearch(position);
        return found >= 0 ? found : ~found - 1;
    }

    public int LineStart(int line) => lineStarts[line];

    /// <summary>The line's text without its end.</summary>
    public ReadOnlySpan<char> Line(int line)
    {
        int end = line + 1 < lineStarts.Length ? lineStarts[line + 1] : Text.Length;
        return Text.AsSpan(lineStarts[line], end - lineStarts[line]).TrimEnd("\r\n");
    }

    private static ImmutableArray<int> FindLineStarts(string text)
    {
        var starts = ImmutableArray.CreateBuilder<int>();
        starts.Add(0);
        for (int position = 0; position < text.Length; position++)
        {
            if (text[position] == '\n' || (text[position] == '\r' && !text.AsSpan(position + 1).StartsWith("\n")))
                starts.Add(position + 1);
        }

        return starts.ToImmutable();
    }
}
