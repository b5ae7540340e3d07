using System.Text;
using Sprache;
using TransformFramework.Diagnostics;

namespace TransformFramework.Dsl.Syntax;

/// <summary>Reads script text.</summary>
public static class ScriptParser
{
    /// <summary>The longest script, in bytes of UTF-8.</summary>
    public const int MaximumBytes = 1 << 20;

    /// <summary>Parses a whole script in time proportional to its length. Never throws for any text.</summary>
    public static ParseResult Parse(string text) => Parse(text, new ReadingWork());

    /// <summary>Parses and counts the work.</summary>
    internal static ParseResult Parse(string text, ReadingWork work)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (Encoding.UTF8.GetByteCount(text) > MaximumBytes)
            return new ParseResult(null, [TooLarge(text)]);

        var source = new SourceText(text);
        var result = Grammar.Script(new ScriptInput(source, 0, work));
        return result.WasSuccessful
            ? new TreeBuilder(source).Build(result.Value)
            : new ParseResult(null, [SyntaxErrors.Describe(source, result.Remainder.Position, [.. result.Expectations], result.Message)]);
    }

    private static Diagnostic TooLarge(string text) =>
        DslDiagnostics.ScriptTooLarge.With(Encoding.UTF8.GetByteCount(text), MaximumBytes) with
        {
            Suggestion = "Check that this is a script and not a model; split a script that really is this long.",
        };
}
