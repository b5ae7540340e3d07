using System.CommandLine;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Servers.LanguageServer;

namespace TransformFramework.Cli.Commands;

/// <summary>Serves editors by the Language Server Protocol, over the standard streams.</summary>
internal static class LanguageServerCommand
{
    /// <summary>What editors add to the command of a server that talks over the standard streams.</summary>
    private static readonly Option<string> Stdio = CommonOptions.Flag("--stdio", "Talk over the standard streams, which it does anyway");

    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("lsp", "Serves editors of scripts by the Language Server Protocol") { Stdio };
        command.SetAction(parsed => Run(new(parsed, cancellation)));
        return command;
    }

    private static int Run(CommandContext context)
    {
        using Stream input = StandardInput.Open();
        using Stream output = Console.OpenStandardOutput();
        try
        {
            return ScriptLanguageServer.RunAsync(input, output, context.Catalog, VersionAction.Text, context.Cancellation).GetAwaiter().GetResult() ? ExitCodes.Done : ExitCodes.Failed;
        }
        catch (InvalidDataException error)
        {
            throw new CommandException(ExitCodes.Failed, CliDiagnostics.InputOutput.With(error.Message));
        }
    }
}
