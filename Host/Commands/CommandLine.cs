using System.CommandLine;
using System.CommandLine.Parsing;
using TransformFramework.Diagnostics;
using TransformFramework.Dsl;
using TransformFramework.Dsl.Binding;
using TransformFramework.Execution;
using TransformFramework.Host.PluginLoading;
using TransformFramework.ModelFiles;

namespace TransformFramework.Host.Commands;

/// <summary>The program's commands; turns every failure into one message and an exit code.</summary>
internal static class CommandLine
{
    /// <summary>Runs the program and gives its exit code.</summary>
    public static int Run(string[] arguments)
    {
        using var cancellation = new CancellationTokenSource();
        Console.CancelKeyPress += (_, pressed) =>
        {
            pressed.Cancel = true;
            cancellation.Cancel();
        };
        try
        {
            return Invoke(arguments, cancellation.Token);
        }
        catch (CommandException error)
        {
            return Fail(error.ExitCode, error.Diagnostic, error.Script);
        }
        catch (ModelFormatException error)
        {
            return Fail(ExitCodes.ModelUnreadable, Diagnostic.Error(error.DiagnosticId, error.Message) with { Suggestion = error.Suggestion });
        }
        catch (PluginException error)
        {
            return Fail(ExitCodes.Plugin, Diagnostic.Error(error.DiagnosticId, error.Message) with { Suggestion = error.Suggestion });
        }
        catch (ExecutionException error)
        {
            return Fail(ExitCodes.Failed, Diagnostic.Error("TFX5001", error.Message) with { Node = error.Node });
        }
        catch (OperationCanceledException)
        {
            return Fail(ExitCodes.Cancelled, Diagnostic.Error("TFX0130", "cancelled; nothing was written"));
        }
        catch (Exception error)
        {
            Console.Error.WriteLine(error);
            return Fail(ExitCodes.Internal, Diagnostic.Error("TFX0070", $"internal error: {error.Message}") with { Suggestion = "Report it with the command line and the lines above; --reproducer=DIR keeps the graph of a failing step." });
        }
    }

    private static int Invoke(string[] arguments, CancellationToken cancellation)
    {
        RootCommand root = TransformCommand.Create(cancellation);
        foreach (Option option in new Option[] { CommonOptions.Format, CommonOptions.Quiet, CommonOptions.Verbose, CommonOptions.Plugin })
            root.Options.Add(option);
        Command[] commands =
        [
            ListCommand.Create(), DescribeCommand.Create(), FormatCommand.Create(), LintCommand.Create(cancellation), SummarizeCommand.Create(cancellation),
            ViewCommand.Create(cancellation), DiffCommand.Create(cancellation), PluginsCommand.Create(), PagesCommand.Create(),
            RunCommand.Create(cancellation), CompareCommand.Create(cancellation),
        ];
        foreach (Command command in commands)
            root.Subcommands.Add(command);
        var options = root.Options.Concat(commands.SelectMany(command => command.Options)).ToList();
        var switches = options.Where(option => option.Arity.MaximumNumberOfValues == 0 || option.Arity.MinimumNumberOfValues == 0).Select(option => option.Name).Append("--help").Append("--version").ToHashSet(StringComparer.Ordinal);
        string[] words = ArgumentSpelling.Normalize(arguments, new HashSet<string>(StringComparer.Ordinal) { CommonOptions.Plugin.Name, "--feed" }, switches);
        System.CommandLine.ParseResult parsed = root.Parse(words, new ParserConfiguration { ResponseFileTokenReplacer = null });
        bool asksHelp = words.Any(word => word is "--help" or "-h" or "-?");
        if (parsed.Errors.Count > 0 && !asksHelp)
            throw UsageError(parsed, options, commands);
        return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    }

    private static CommandException UsageError(System.CommandLine.ParseResult parsed, List<Option> options, Command[] commands)
    {
        if (parsed.UnmatchedTokens.Count == 0)
            return CommandException.Usage(parsed.Errors[0].Message, "--help shows every option.");
        string unknown = parsed.UnmatchedTokens[0];
        bool isOption = unknown.StartsWith('-');
        string name = unknown.Split('=')[0];
        var candidates = isOption ? options.Select(option => option.Name) : commands.SelectMany(command => command.Aliases.Prepend(command.Name));
        string? nearest = Suggestions.Nearest(name, candidates);
        string help = nearest is null ? "--help shows every command and option." : $"Did you mean '{nearest}'?";
        return CommandException.Usage($"unknown {(isOption ? "option" : "command or argument")} '{name}'", help);
    }

    private static int Fail(int exitCode, Diagnostic diagnostic, ScriptText? script = null)
    {
        Console.Error.WriteLine(DiagnosticRenderer.Render(diagnostic, script?.Text, script?.Name));
        return exitCode;
    }
}
