using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace TransformFramework.Servers.Tests;

public sealed class TextMateGrammarTests
{
    private static readonly string Made = TextMateGrammar.Of(File.ReadAllText(Checkout.PathOf("docs/grammar.ebnf")));

    [Fact]
    public void The_published_grammar_is_the_one_of_the_language() => GeneratedPage.Check("docs/editors/transform-script.tmLanguage.json", Made);

    [Theory]
    [InlineData("old_op_name=Mul", "old_op_name", "Mul", 3)]
    [InlineData("path=a/b-c.npy", "path", "a/b-c.npy", 3)]
    [InlineData("ranges=\"a b, (c)\"", "ranges", "\"a b, (c)\"", 4)]
    [InlineData("text=\"a \\\" b\"", "text", "\"a \\\" b\"", 4)]
    [InlineData("name=“a b”", "name", "“a b”", 5)]
    public void Arguments_are_told_apart(string text, string name, string value, int kind)
    {
        Match match = Regex.Match(text, (string)JsonNode.Parse(Made)!["repository"]!["argument"]!["match"]!, RegexOptions.None, TimeSpan.FromSeconds(1));
        Assert.Equal((0, text.Length, name, value), (match.Index, match.Length, match.Groups[1].Value, match.Groups[kind].Value));
    }

    [Theory]
    [InlineData("remove_device", "", "remove_device")]
    [InlineData("My.Plugin-2::fold(", "My.Plugin-2", "fold")]
    public void Calls_begin_with_a_name(string text, string plugin, string name)
    {
        Match match = Regex.Match(text, (string)JsonNode.Parse(Made)!["repository"]!["call"]!["begin"]!, RegexOptions.None, TimeSpan.FromSeconds(1));
        Assert.Equal((0, text.Length, plugin, name), (match.Index, match.Length, match.Groups[1].Value, match.Groups[3].Value));
    }
}
