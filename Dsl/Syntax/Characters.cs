using System.Buffers;

namespace TransformFramework.Dsl.Syntax;

/// <summary>The character classes of the language.</summary>
internal static class Characters
{
    public static readonly SearchValues<char> Blank = SearchValues.Create(" \t\n\v\f\r");
    public static readonly SearchValues<char> Word = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
    public static readonly SearchValues<char> Value = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./");
    public static readonly SearchValues<char> PluginName = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.");

    public const string LineEnds = "\r\n";
    public const string TypographicDoubleQuotes = "“”„";
    public const string TypographicSingleQuotes = "‘’";

    /// <summary>What ends a value that a typographic double quote opened. A plain double quote does too, since no value can hold one.</summary>
    public const string DoubleQuotes = "\"" + TypographicDoubleQuotes;

    /// <summary>What ends a value that a typographic single quote opened.</summary>
    public const string SingleQuoteEnds = "\"" + TypographicSingleQuotes;

    public static bool IsBlank(char character) => Blank.Contains(character);

    public static bool IsBareValue(string value) => value.Length > 0 && !value.AsSpan().ContainsAnyExcept(Value);

    /// <summary>True when the value can be between double quotes: it holds no unescaped quote and does not end inside an escape.</summary>
    public static bool IsQuotable(string value)
    {
        bool escaped = false;
        foreach (char character in value)
        {
            if (character == '"' && !escaped)
                return false;
            escaped = character == '\\' && !escaped;
        }

        return !escaped;
    }

    public static bool IsTypographicQuote(char character) =>
        TypographicDoubleQuotes.Contains(character) || TypographicSingleQuotes.Contains(character);
}
