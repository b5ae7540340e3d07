using System.Globalization;

namespace TransformFramework.Dsl.Syntax;

/// <summary>What to do about a syntax error: one sentence for each of the usual mistakes.</summary>
internal static class SyntaxHints
{
    private const string RemoveBackslash = "Remove the backslash: a newline counts as a blank, so a line needs nothing at its end.";
    private const string NameCharacters = "Names consist of ASCII letters, digits and underscores.";

    public static string For(string expected, string text, int position)
    {
        var around = new Surroundings(text, position);
        if (IsInvisible(around.Current) && !Characters.IsBlank(around.Current))
            return "Replace this character by a plain blank.";
        if (around.Continues("//") || around.Continues("/*"))
            return "Comments begin with '#'.";
        return expected switch
        {
            Expected.TransformName => ForTransformName(around),
            Expected.EqualsSign => ForEqualsSign(around),
            Expected.Value => ForValue(around),
            _ => ForArgument(around),
        };
    }

    private static string ForTransformName(Surroundings around) => around.Current switch
    {
        _ when around.ComesAfter("::") => "Write the transform's name directly after the plugin's '::'.",
        ',' or ';' or '|' or '&' or '+' => $"Remove the '{around.Current}': a blank or a newline separates transforms.",
        '(' when Characters.IsBlank(around.Previous) => "Remove the blank before the '(': it follows the transform's name directly.",
        '(' => "Begin a call with the transform's name: name(argument=value).",
        ')' => "Remove the ')': no '(' is open here.",
        '\\' => RemoveBackslash,
        '"' or '\'' => "Remove the quotes: only values are quoted.",
        '=' => "Put arguments in parentheses after the name: name(argument=value).",
        ':' => "Put arguments in parentheses after the name; a plugin's prefix has two colons, as in plugin::name.",
        '-' when around.Continues("--") => "Options of the command line do not belong in the script.",
        '-' or '.' or '/' when around.WordBefore.Length > 0 => $"Names hold no '{around.Current}'. Did you mean '{around.WordWithUnderscores}'?",
        _ when Characters.IsTypographicQuote(around.Current) => "Remove the quotes: only values are quoted.",
        _ => NameCharacters,
    };

    private static string ForArgument(Surroundings around) => around.Current switch
    {
        ',' when around.PreviousVisible == ',' => "Remove one of the commas.",
        ',' when around.PreviousVisible == '(' => "Remove the comma.",
        ',' => "Remove the blank before the comma: it follows the value directly.",
        ')' when around.PreviousVisible == ',' => "Remove the comma before the ')'.",
        ')' => "Remove the blank before the ')'.",
        '\\' when around.Next is '\r' or '\n' or '\0' => RemoveBackslash,
        '"' or '\'' when around.Previous is '"' or '\'' => "Remove the quotes that follow the value's own.",
        '"' or '\'' => "Remove the quotes: only values are quoted.",
        '(' when around.Previous == '(' => "Remove the second '('.",
        ';' => Join("Separate arguments with a comma", around.QuotedArgument(), "; if the ';' belongs to the value, write "),
        '=' => "Write the argument's name before the '='.",
        _ when around.QuotedArgument() is { } quoted => $"Quote a value that holds '{around.Current}': {quoted}.",
        _ => NameCharacters,
    };

    private static string ForEqualsSign(Surroundings around) => around.Current switch
    {
        _ when around.NextVisible == '=' => "Remove the blank before the '=': nothing belongs between name, '=' and value.",
        ',' or ')' or ' ' or '.' when around.QuotedList() is { } quoted => $"Quote a value that holds commas: {quoted}.",
        _ when around.BeforeWord is '"' or '\'' => "Write a quote inside a value as \\\", and nothing directly after the closing quote.",
        ':' => "Write '=' between name and value.",
        '-' or '.' or '/' => $"Names hold no '{around.Current}'. Did you mean '{around.WordWithUnderscores}'?",
        '(' => $"Close the argument list before '{around.WordBefore}': a ')' is missing.",
        _ => $"Give the argument a value ({around.WordBefore}=…), or close the list before it if '{around.WordBefore}' is a transform.",
    };

    private static string ForValue(Surroundings around) => around.Current switch
    {
        '=' => "Remove one '='.",
        ')' or ',' => $"Write an empty value as {around.QuotedValue()}.",
        '\'' => $"Use double quotes: {around.QuotedValue()}.",
        '[' or '{' => $"Write a list in quotes, without brackets: {around.QuotedValue()}.",
        _ when Characters.IsBlank(around.Current) => "Remove the blank after the '=': the value follows directly.",
        _ => $"Quote the value: {around.QuotedValue()}.",
    };

    private static string Join(string sentence, string? quoted, string link) => quoted is null ? sentence + "." : $"{sentence}{link}{quoted}.";

    private static bool IsInvisible(char character) => character is not '\0' && char.GetUnicodeCategory(character) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
