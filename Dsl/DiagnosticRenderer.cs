using System.Globalization;
using System.Text;
using TransformFramework.Diagnostics;
using TransformFramework.Dsl.Syntax;

namespace TransformFramework.Dsl;

/// <summary>Shows a diagnostic as plain text: message, place, source line with carets under the place, next step. Control characters are shown as symbols.</summary>
public static class DiagnosticRenderer
{
    private const int WindowWidth = 100;
    private const int WindowBefore = 60;
    private const char ControlPictures = '\u2400';
    private const char DeletePicture = '\u2421';

    /// <summary>Renders a diagnostic. Without script text, or for a diagnostic without a place in it, there is no source line. No newline at the end.</summary>
    public static string Render(Diagnostic d, string? scriptText, string? scriptName)
    {
        ArgumentNullException.ThrowIfNull(d);
        var output = new StringBuilder(Printable(d.ToString()));
        if (d.Span is { Line: > 0 } span)
        {
            output.Append('\n').Append(CultureInfo.InvariantCulture, $"  at {scriptName ?? "script"}:{span.Line}:{span.Column}");
            if (scriptText is not null && span.Start >= 0 && span.Start <= scriptText.Length)
                AppendSource(output, new SourceText(scriptText), span);
        }

        if (d.Node is not null)
            output.Append("\n  node: ").Append(Printable(d.Node));
        if (d.Suggestion is not null)
            output.Append("\n  help: ").Append(Printable(d.Suggestion));
        return output.ToString();
    }

    private static void AppendSource(StringBuilder output, SourceText source, SourceSpan span)
    {
        int lineIndex = source.LineAt(span.Start);
        var line = source.Line(lineIndex);
        int column = Math.Min(span.Start - source.LineStart(lineIndex), line.Length);
        int from = line.Length <= WindowWidth ? 0 : Math.Max(0, column - WindowBefore);
        int to = Math.Min(line.Length, from + WindowWidth);

        string cutBefore = from > 0 ? "…" : "";
        string gutter = span.Line.ToString(CultureInfo.InvariantCulture);
        string shown = Printable(line[from..to].ToString());
        var padding = shown.AsSpan(0, column - from);
        int carets = Math.Clamp(span.Length, 1, Math.Max(1, to - column));

        output.Append('\n').Append(CultureInfo.InvariantCulture, $"  {gutter} | {cutBefore}{shown}{(to < line.Length ? "…" : "")}");
        output.Append('\n').Append(' ', gutter.Length + 2).Append(" | ").Append(' ', cutBefore.Length);
        AppendPadding(output, padding);
        output.Append('^', carets);
    }

    /// <summary>As wide as the text is in a terminal; tabs stay tabs.</summary>
    private static void AppendPadding(StringBuilder output, ReadOnlySpan<char> text)
    {
        foreach (char character in text)
            output.Append(character == '\t' ? '\t' : ' ', CellsOf(character));
    }

    /// <summary>Terminal cells of a character. Each half of a surrogate pair counts one: most of what is beyond the basic plane is two cells wide.</summary>
    private static int CellsOf(char character) => character switch
    {
        (>= '\u1100' and <= '\u115F') or (>= '\u2E80' and <= '\uA4CF') or (>= '\uAC00' and <= '\uD7A3') or (>= '\uF900' and <= '\uFAFF') or (>= '\uFF01' and <= '\uFF60') => 2,
        _ when char.GetUnicodeCategory(character) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format => 0,
        _ => 1,
    };

    private static string Printable(string text) => string.Create(text.Length, text, static (characters, source) =>
    {
        for (int index = 0; index < characters.Length; index++)
            characters[index] = Visible(source[index]);
    });

    private static char Visible(char character) => character switch
    {
        '\t' or '\n' => character,
        < ' ' => (char)(ControlPictures + character),
        '\u007F' => DeletePicture,
        >= '\u0080' and <= '\u009F' => '\uFFFD',
        _ => character,
    };
}
