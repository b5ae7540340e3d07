using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace TransformFramework.Servers.Tests;

/// <summary>The grammar of scripts for editors, made from docs/grammar.ebnf: its classes of characters, quotes and comments.</summary>
internal static partial class TextMateGrammar
{
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The grammar as JSON.</summary>
    /// <param name="ebnf">The text of docs/grammar.ebnf.</param>
    public static string Of(string ebnf)
    {
        var rules = Rules(ebnf);
        string word = Class(rules, "word char") + "+", value = Class(rules, "value char") + "+", plugin = Class(rules, "plugin char") + "+";
        string[] open = [.. Terminals(rules["typographic"]).Where(quote => quote is not ("\"" or "\\")).Distinct()];
        string comment = Terminals(rules["comment"])[0];
        string quotes = Regex.Escape(string.Concat(open));
        var grammar = new JsonObject
        {
            ["$schema"] = "https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json",
            ["name"] = "Transform script",
            ["scopeName"] = "source.transform-script",
            ["fileTypes"] = new JsonArray("gtt"),
            ["patterns"] = new JsonArray(Include("comment"), Include("call")),
            ["repository"] = new JsonObject
            {
                ["comment"] = new JsonObject { ["name"] = "comment.line.number-sign.transform-script", ["match"] = $"{comment}.*$" },
                ["call"] = new JsonObject
                {
                    ["begin"] = $"(?:({plugin})(::))?({word})(\\()?",
                    ["beginCaptures"] = Captures("entity.name.namespace", "punctuation.separator.namespace", "entity.name.function", "punctuation.section.arguments.begin"),
                    ["end"] = "(?<!\\()(?<=\\))|(?<!\\()(?=\\s|$|#)(?!.*(?<=\\()\\z)",
                    ["patterns"] = new JsonArray(Include("comment"), Include("argument")),
                },
                ["argument"] = new JsonObject
                {
                    ["match"] = $"({word})(=)(?:({value})|(\"(?:[^\"\\\\]|\\\\.)*\")|([{quotes}][^\"{quotes}]*[\"{quotes}]))",
                    ["captures"] = Captures("variable.parameter", "keyword.operator.assignment", "constant.other", "string.quoted.double", "string.quoted.other"),
                },
            },
        };
        return grammar.ToJsonString(Format) + "\n";
    }

    private static JsonObject Include(string name) => new() { ["include"] = "#" + name };

    private static JsonObject Captures(params string[] names) => new(names.Select((name, i) => KeyValuePair.Create<string, JsonNode?>($"{i + 1}", new JsonObject { ["name"] = $"{name}.transform-script" })));

    private static Dictionary<string, string> Rules(string ebnf) => Rule().Matches(Note().Replace(ebnf, "")).ToDictionary(match => match.Groups[1].Value.Trim(), match => match.Groups[2].Value, StringComparer.Ordinal);

    /// <summary>A class of characters as a regular expression has it.</summary>
    private static string Class(Dictionary<string, string> rules, string name) => $"[{Members(rules, rules[name])}]";

    private static string Members(Dictionary<string, string> rules, string body) => string.Concat(body.Split('|', StringSplitOptions.TrimEntries).Select(part =>
        rules.TryGetValue(part, out string? inner) ? Members(rules, inner)
        : part.Contains('…', StringComparison.Ordinal) ? string.Join('-', Terminals(part))
        : Terminals(part)[0] == "-" ? "\\-" : Regex.Escape(Terminals(part)[0]).Replace("/", "\\/", StringComparison.Ordinal)));

    private static string[] Terminals(string body) => [.. Terminal().Matches(body).Select(match => match.Value[1..^1])];

    [GeneratedRegex(@"^([a-z ]+?)\s*=\s*(.*?)\s;\s*$", RegexOptions.Multiline | RegexOptions.Singleline, 1000)]
    private static partial Regex Rule();

    [GeneratedRegex(@"\(\*.*?\*\)", RegexOptions.Singleline, 1000)]
    private static partial Regex Note();

    [GeneratedRegex("\"[^\"]+\"|'[^']+'", RegexOptions.None, 1000)]
    private static partial Regex Terminal();
}
