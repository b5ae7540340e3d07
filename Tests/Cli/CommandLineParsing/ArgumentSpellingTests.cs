using System.CommandLine;
using TransformFramework.Cli.CommandLineParsing;

namespace TransformFramework.Cli.Tests.CommandLineParsing;

public sealed class ArgumentSpellingTests
{
    [Theory]
    [InlineData("work --in-graph=x", "work --in_graph x")]
    [InlineData("work --in_graph x", "work --in_graph x")]
    [InlineData("work --in_graph=a --in_graph=b", "work --in_graph b")]
    [InlineData("work --model=x", "work --in_graph x")]
    [InlineData("work --fast=true", "work --fast")]
    [InlineData("work --fast=false", "work")]
    [InlineData("work --json", "work --format json")]
    [InlineData("help work", "work --help")]
    [InlineData("work --unknown=1", "work --unknown=1")]
    [InlineData("work --in_graph=- -", "work --in_graph - -")]
    [InlineData("work -- --in-graph=x", "work -- --in-graph=x")]
    public void Words_get_one_spelling(string words, string expected) => Assert.Equal(expected, string.Join(' ', Normalize(words.Split(' '))));

    [Theory]
    [InlineData("work", "--in_graph=")]
    [InlineData("work", "--in_graph", "")]
    [InlineData("work", "--in_graph", "=", "x")]
    [InlineData("work", "--in_graph=", "x")]
    [InlineData("work", "--fast=maybe")]
    [InlineData("work", "--why=")]
    public void A_slip_is_named(params string[] words) => Assert.Equal(ExitCodes.Usage, Assert.Throws<CommandException>(() => Normalize(words)).ExitCode);

    [Fact]
    public void A_list_may_be_empty() => Assert.Equal(["work", "--inputs", ""], Normalize(["work", "--inputs="]));

    private static string[] Normalize(string[] words)
    {
        var root = new Command("program");
        root.Options.Add(new Option<string>("--format") { Recursive = true });
        root.Options.Add(new Option<string>("--help") { Recursive = true, Arity = ArgumentArity.Zero });
        root.Subcommands.Add(new Command("work")
        {
            new Option<string>("--in_graph", "--model"), new Option<string>("--inputs"), new Option<string>("--fast") { Arity = ArgumentArity.Zero }, new Option<string>("--why") { Arity = ArgumentArity.ZeroOrOne },
        });
        return ArgumentSpelling.Normalize(words, root);
    }
}
