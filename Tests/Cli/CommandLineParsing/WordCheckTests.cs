using System.CommandLine;
using System.CommandLine.Parsing;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Cli.Commands;

namespace TransformFramework.Cli.Tests.CommandLineParsing;

public sealed class WordCheckTests
{
    [Theory]
    [InlineData("help quantise", "there is no command 'quantise'", "Did you mean 'quantize'?")]
    [InlineData("help submit quantise", "there is no command 'quantise'", "Did you mean 'quantize'?")]
    [InlineData("version", "unknown command or argument 'version'", "Did you mean '--version'?")]
    [InlineData("sumarize", "unknown command or argument 'sumarize'", "Did you mean 'summarize'?")]
    [InlineData("run --feed x = random:1", "there are blanks around '='", "--name=value, without blanks")]
    [InlineData("submit run", "'submit' has no command 'run'", "calibrate, evaluate, compare, quantize, tune")]
    [InlineData("submit --shards=2 calibrate", "the option '--shards' stands before its command", "behind 'calibrate'")]
    [InlineData("--in_graph=graph.pb summarize", "the option '--in_graph' stands before its command", "behind 'summarize'")]
    [InlineData("summarize -V", "unknown option '-V'", "--help' shows every option")]
    [InlineData("summarize --json=maybe", "Couldn't interpret value =maybe for flag json.", "--json=true or --json=false")]
    [InlineData("summarize --progress=yes", "--progress is auto, json or off, not 'yes'", "--progress=json")]
    [InlineData("summarize --format=xml", "--format is text or json, not 'xml'", "--format=json")]
    [InlineData("run --inputs=x=1", "'run' has no option '--inputs'", "Did you mean '--feed'?")]
    public void A_slip_is_refused_with_what_to_do(string words, string message, string suggestion)
    {
        var error = Assert.Throws<CommandException>(() => Check(words));
        Assert.Equal(ExitCodes.Usage, error.ExitCode);
        Assert.Contains(message, error.Diagnostic.Message, StringComparison.Ordinal);
        Assert.Contains(suggestion, error.Diagnostic.Suggestion, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("help quantize")]
    [InlineData("help submit quantize")]
    [InlineData("calibrate graph.pb --data=x.npz --out=x.ranges")]
    [InlineData("summarize graph.pb --json=true")]
    public void What_is_meant_well_is_taken(string words) => Check(words);

    private static void Check(string words)
    {
        Command root = TransformCommand.Create(CancellationToken.None);
        foreach (Option option in CommonOptions.OfEveryCommand)
            root.Options.Add(option);
        foreach (Command command in CommandList.Create(CancellationToken.None))
            root.Subcommands.Add(command);
        ParseResult parsed = root.Parse(ArgumentSpelling.Normalize(words.Split(' '), root));
        if (parsed.Has(CommonOptions.Help))
            return;
        var context = new CommandContext(parsed, CancellationToken.None);
        new WordCheck(parsed, context).Run();
        context.CheckCommonOptions();
    }
}
