using System.CommandLine;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Cli.Rendering;

namespace TransformFramework.Cli.Commands;

/// <summary>Prints a script by which a shell completes commands and options.</summary>
internal static class CompletionCommand
{
    private static readonly Argument<string> Shell = new("shell") { Description = "bash, zsh, fish or powershell" };

    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("completion", "Prints a script by which a shell completes commands and options") { Shell };
        command.SetAction(parsed => Run(parsed, new(parsed, cancellation)));
        return command;
    }

    private static int Run(ParseResult parsed, CommandContext context)
    {
        CompletionWords[] words = [.. CompletionWords.Of(parsed.RootCommandResult.Command)];
        Console.Out.Write(context.Value(Shell) switch
        {
            "bash" => CompletionScript.Bash(words),
            "zsh" => CompletionScript.Zsh(words),
            "fish" => CompletionScript.Fish(words),
            "powershell" or "pwsh" => CompletionScript.PowerShell(words),
            string other => throw CommandException.Usage($"there is no completion for '{other}'", "The shells are bash, zsh, fish and powershell."),
            null => "",
        });
        return ExitCodes.Done;
    }
}
