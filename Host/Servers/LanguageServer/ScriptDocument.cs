using TransformFramework.Diagnostics;

namespace TransformFramework.Servers.LanguageServer;

/// <summary>A script that is open in an editor.</summary>
/// <param name="text">Its text.</param>
internal sealed class ScriptDocument(string text)
{
    private readonly int[] lineStarts = [0, .. Enumerable.Range(0, text.Length).Where(i => text[i] == '\n').Select(i => i + 1)];

    public string Text => text;

    /// <summary>All of the text.</summary>
    public TextRange Whole => new(new(0, 0), PositionOf(text.Length));

    /// <summary>The offset of a place; places beyond a line's end are its end.</summary>
    public int OffsetOf(Position position)
    {
        int line = Math.Clamp(position.Line, 0, lineStarts.Length - 1);
        int end = line + 1 < lineStarts.Length ? lineStarts[line + 1] - 1 : text.Length;
        return Math.Clamp(lineStarts[line] + Math.Max(0, position.Character), lineStarts[line], end);
    }

    /// <summary>The place of an offset.</summary>
    public Position PositionOf(int offset)
    {
        int found = Array.BinarySearch(lineStarts, offset);
        int line = found >= 0 ? found : ~found - 1;
        return new(line, offset - lineStarts[line]);
    }

    public TextRange RangeOf(SourceSpan span) => new(PositionOf(Math.Min(span.Start, text.Length)), PositionOf(Math.Min(span.End, text.Length)));
}
