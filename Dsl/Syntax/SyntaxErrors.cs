using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Diagnostics;

namespace TransformFramework.Dsl.Syntax;

/// <summary>Turns a failure of the grammar into a diagnostic: what was expected, what is there, and what the author probably meant.</summary>
internal static class SyntaxErrors
{
    private static readonly Dictionary<string, DiagnosticDescriptor> Kinds = new(StringComparer.Ordinal)
    {
        [Expected.TransformName] = DslDiagnostics.TransformNameExpected,
        [Expected.ArgumentName] = DslDiagnostics.ArgumentNameExpected,
        [Expected.NextArgument] = DslDiagnostics.ArgumentNameExpected,
        [Expected.EqualsSign] = DslDiagnostics.EqualsSignExpected,
        [Expected.Value] = DslDiagnostics.ValueExpected,
    };

    /// <summary>Describes the failure. <paramref name="transform"/> is the transform whose argument list the end of the script cuts off, or empty.</summary>
    public static Diagnostic Describe(SourceText source, int position, ImmutableArray<string> expectations, string transform)
    {
        string expected = expectations[^1];
        if (expected == Expected.ClosingQuote)
            return UnclosedQuote(source, position - 1);
        if (expected == Expected.ClosingParenthesis)
            return UnclosedArgumentList(source, position, transform);

        int length = position < source.Text.Length ? 1 : 0;
        return Kinds[expected].With(expected, Found(source.Text, position)) with
        {
            Span = source.Span(position, position + length),
            Suggestion = SyntaxHints.For(expected, source.Text, position),
        };
    }

    private static Diagnostic UnclosedQuote(SourceText source, int position) =>
        DslDiagnostics.UnclosedQuote.With() with
        {
            Span = source.Span(position, position + 1),
            Suggestion = "Close the value with \" ; a quote inside a value is written \\\".",
        };

    private static Diagnostic UnclosedArgumentList(SourceText source, int position, string transform) =>
        DslDiagnostics.UnclosedArgumentList.With(transform) with
        {
            Span = source.Span(position, position),
            Suggestion = "Add the ')'; a call without one would be dropped silently by the original tool.",
        };

    private static string Found(string text, int position)
    {
        if (position == text.Length)
            return "the end of the script";
        char character = text[position];
        return character switch
        {
            ' ' => "a blank",
            '\t' => "a tab",
            '\r' or '\n' => "the end of the line",
            '\'' => "a single quote (')",
            _ when position + 1 < text.Length && char.IsSurrogatePair(text, position) => $"'{text.Substring(position, 2)}'",
            _ when IsVisible(character) => $"'{character}'",
            _ => $"the invisible character U+{(int)character:X4}",
        };
    }

    private static bool IsVisible(char character) => char.GetUnicodeCategory(character) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse);
}
