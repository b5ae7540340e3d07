using System.CommandLine;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Cli.Rendering;
using TransformFramework.Workflows.Reports;

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
        string shell = context.Value(Shell) ?? "";
        string script = shell switch
        {
            "bash" => CompletionScript.Bash(words),
            "zsh" => CompletionScript.Zsh(words),
            "fish" => CompletionScript.Fish(words),
            "powershell" or "pwsh" => CompletionScript.PowerShell(words),
            _ => throw CommandException.Usage($"there is no completion for '{shell}'", "The shells are bash, zsh, fish and powershell."),
        };
        Console.Out.Write(context.IsJson ? RunReport.Serialize(new { schema_version = 1, shell, script }) + "\n" : script);
        return ExitCodes.Done;
    }
}
