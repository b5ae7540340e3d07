using System.CommandLine;
using System.CommandLine.Invocation;
using TransformFramework.Engine.Models;
using TransformFramework.Engine.PluginLoading;

namespace TransformFramework.Cli.CommandLineParsing;

/// <summary>Prints what a command does, its arguments and options, and for the root command the other commands and the exit codes.</summary>
internal sealed class HelpAction : SynchronousCommandLineAction
{
    private const string RootUsage = "--in_graph=FILE --out_graph=FILE --inputs=NAMES --outputs=NAMES --transforms='SCRIPT'";
    private const int Indent = 2;

    public override int Invoke(ParseResult parseResult)
    {
        Command command = parseResult.CommandResult.Command;
        bool isRoot = command == parseResult.RootCommandResult.Command;
        TextWriter output = Console.Out;
        output.WriteLine(command.Description);
        output.WriteLine();
        output.WriteLine($"Usage: transform_graph {(isRoot ? RootUsage : Usage(command))}");
        Table(output, "Arguments", Rows(command.Arguments));
        Table(output, isRoot ? "Options of a transformation" : "Options", Rows(command.Options, recursive: false));
        if (command.Options.Contains(OutputArguments.FormatOption))
            Table(output, "Options of formats", FormatRows());
        Table(output, "Options of every command", Rows(parseResult.RootCommandResult.Command.Options, recursive: true));
        Table(output, "Other commands ('transform_graph COMMAND --help' shows their options)", Rows(command.Subcommands));
        if (isRoot)
            output.WriteLine($"\n{ExitCodes.Description}");
        return ExitCodes.Done;
    }

    private static string Usage(Command command)
    {
        string usage = command.Name;
        foreach (Argument argument in command.Arguments)
            usage += argument.Arity.MinimumNumberOfValues > 0 ? $" {argument.Name.ToUpperInvariant()}" : $" [{argument.Name.ToUpperInvariant()}]";
        return $"{usage} [OPTIONS]";
    }

    private static List<(string Name, string Description)> Rows(IList<Argument> arguments)
    {
        var rows = new List<(string, string)>(arguments.Count);
        foreach (Argument argument in arguments)
            rows.Add((argument.Name.ToUpperInvariant(), argument.Description ?? ""));
        return rows;
    }

    private static List<(string Name, string Description)> Rows(IList<Command> commands)
    {
        var rows = new List<(string, string)>(commands.Count);
        foreach (Command command in commands)
        {
            if (!command.Hidden)
                rows.Add((string.Join(", ", [command.Name, .. command.Aliases]), command.Description ?? ""));
        }
        return rows;
    }

    private static List<(string Name, string Description)> Rows(IList<Option> options, bool recursive)
    {
        var rows = new List<(string, string)>(options.Count);
        foreach (Option option in options)
        {
            if (option.Recursive == recursive && !option.Hidden)
                rows.Add((Spelling(option), option.Description ?? ""));
        }
        return rows;
    }

    /// <summary>The options that formats have, which are given as any other.</summary>
    private static List<(string Name, string Description)> FormatRows()
    {
        var rows = new List<(string, string)>();
        foreach (FormatDescription format in OutputFormat.All(PluginCatalog.Discover([])))
        {
            foreach (FormatOption option in format.Options)
                rows.Add(($"--{option.Name}={option.Values}", $"{option.Description} ({format.Name})"));
        }
        return rows;
    }

    private static string Spelling(Option option)
    {
        string value = option.HelpName ?? "VALUE";
        return option.Arity switch
        {
            { MaximumNumberOfValues: 0 } => option.Name,
            { MinimumNumberOfValues: 0 } => $"{option.Name}[={value}]",
            _ => $"{option.Name}={value}",
        };
    }

    private static void Table(TextWriter output, string title, List<(string Name, string Description)> rows)
    {
        if (rows.Count == 0)
            return;
        int width = 0;
        foreach (var (name, _) in rows)
            width = Math.Max(width, name.Length);
        output.WriteLine();
        output.WriteLine($"{title}:");
        foreach (var (name, description) in rows)
            output.WriteLine($"{new string(' ', Indent)}{name.PadRight(width)}  {description}");
    }
}
