using System.Collections.Immutable;
using System.Text;

namespace TransformFramework.Dsl.Syntax;

/// <summary>
/// Writes scripts in their canonical form: one call a line, quotes only where a value needs them, a call that is long or holds comments with one argument a line.
/// Comments and single empty lines between calls stay.
/// </summary>
public static class ScriptFormatter
{
    private const int LongestLine = 100;
    private const string Indent = "    ";

    /// <summary>Formats script text; null when it does not parse (<see cref="ScriptParser.Parse(string)"/> says why).</summary>
    public static string? Format(string text) => ScriptParser.Parse(text).Script is { } script ? Format(script) : null;

    /// <summary>Formats a script; the text ends with a newline unless it is empty.</summary>
    /// <exception cref="ArgumentException">A value that no script text can express: an unescaped quote, or a lone backslash at its end.</exception>
    public static string Format(Script script)
    {
        ArgumentNullException.ThrowIfNull(script);
        var output = new StringBuilder();
        foreach (var call in script.Calls)
        {
            AppendComments(output, call.LeadingComments);
            if (call.FollowsBlankLine && output.Length > 0)
                output.Append('\n');
            AppendCall(output, call);
            output.Append('\n');
        }

        AppendComments(output, script.TrailingComments);
        return output.ToString();
    }

    /// <summary>A value as a script spells it.</summary>
    /// <exception cref="ArgumentException">No script text can express the value.</exception>
    public static string FormatValue(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (Characters.IsBareValue(value))
            return value;
        return Characters.IsQuotable(value) ? $"\"{value}\"" : throw new ArgumentException($"No script text can express the value {value}", nameof(value));
    }

    private static void AppendComments(StringBuilder output, ImmutableArray<Comment> comments)
    {
        foreach (var comment in comments)
        {
            bool stays = comment.IsTrailing && output.Length > 0 && ReferenceEquals(comment, comments[0]);
            if (stays)
                output.Length--;
            else if (comment.FollowsBlankLine && output.Length > 0)
                output.Append('\n');
            output.Append(stays ? " " : "").Append(comment.Text).Append('\n');
        }
    }

    private static void AppendCall(StringBuilder output, TransformCall call)
    {
        output.Append(call.QualifiedName);
        if (call.Arguments.IsEmpty)
            return;

        string inline = $"({string.Join(", ", call.Arguments.Select(Format))})";
        bool fits = call.QualifiedName.Length + inline.Length <= LongestLine || call.Arguments.Length == 1;
        if (fits && call.Arguments.All(argument => argument.LeadingComments.IsEmpty))
            output.Append(inline);
        else
            AppendArgumentLines(output, call.Arguments);
    }

    private static void AppendArgumentLines(StringBuilder output, ImmutableArray<Argument> arguments)
    {
        string separator = "(";
        foreach (var argument in arguments)
        {
            output.Append(separator);
            separator = ",";
            foreach (var comment in argument.LeadingComments)
            {
                bool stays = comment.IsTrailing && ReferenceEquals(comment, argument.LeadingComments[0]);
                output.Append(stays ? " " : "\n" + Indent).Append(comment.Text);
            }

            output.Append('\n').Append(Indent).Append(Format(argument));
        }

        output.Append(')');
    }

    private static string Format(Argument argument) => $"{argument.Name}={FormatValue(argument.Value)}";
}
