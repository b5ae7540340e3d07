using System.CommandLine;
using TransformFramework.Workflows.Reports;

namespace TransformFramework.Cli.CommandLineParsing;

/// <summary>The option <c>--report</c>, by which a command leaves what it did and found in a file.</summary>
internal sealed class ReportArguments
{
    private readonly Option<string> report = new("--report") { HelpName = "FILE", Description = "A file for the report: .html is a page with figures that needs no network, .md Markdown, other endings JSON" };

    /// <summary>Adds the option to a command.</summary>
    public ReportArguments AddTo(Command command)
    {
        command.Options.Add(report);
        return this;
    }

    /// <summary>Whether a report is asked for; its file is checked before work starts.</summary>
    /// <exception cref="CommandException">The file cannot be written.</exception>
    public bool IsAsked(CommandContext context)
    {
        if (context.OutputPath(report) is not { } path)
            return false;
        OutputPlace.Check(path);
        if (path != CommandContext.StandardOutput && context.IsOutput(path))
            throw CommandException.Usage($"--report={path} is another output's file too", "Give each its own file.");
        return true;
    }

    /// <summary>A report of this command line, still empty.</summary>
    /// <param name="command">The command.</param>
    /// <param name="input">The model that is read.</param>
    public static Report Begin(string command, string input) => new() { Command = command, CommandLine = CommandLine(), InGraph = input };

    /// <summary>Writes the report.</summary>
    public void Write(CommandContext context, Report filled)
    {
        string path = context.RequiredOutputPath(report);
        ReportFile.Write(path, filled);
        Console.Out.Flush();
        context.Say($"report: {path}");
    }

    private static string CommandLine() => string.Join(' ', Environment.GetCommandLineArgs().Skip(1).Prepend("transform_graph").Select(Shell.Quote));
}
