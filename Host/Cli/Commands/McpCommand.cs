using System.CommandLine;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Servers.Mcp;

namespace TransformFramework.Cli.Commands;

/// <summary>Serves agents by the Model Context Protocol, over the standard streams.</summary>
internal static class McpCommand
{
    private static readonly Option<string[]> Root = new("--root") { HelpName = "FOLDER", Description = "A folder that models may be read from and written to; the working directory without it; may be repeated" };

    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("mcp", "Serves agents by the Model Context Protocol: summarize, transform, quantize, compare") { Root };
        command.SetAction(parsed => Run(new(parsed, cancellation)));
        return command;
    }

    private static int Run(CommandContext context)
    {
        string[] roots = [.. context.Values(Root).Select(PathExpansion.Expand)];
        AllowedFolders folders = Folders(roots.Length > 0 ? roots : [Environment.CurrentDirectory]);
        using Stream input = StandardInput.Open();
        using Stream output = Console.OpenStandardOutput();
        try
        {
            GraphMcpServer.RunAsync(input, output, context.Catalog, folders, VersionAction.Text, context.Cancellation).GetAwaiter().GetResult();
            return ExitCodes.Done;
        }
        catch (InvalidDataException error)
        {
            throw new CommandException(ExitCodes.Failed, CliDiagnostics.InputOutput.With(error.Message));
        }
    }

    private static AllowedFolders Folders(string[] roots)
    {
        try
        {
            return new(roots);
        }
        catch (DirectoryNotFoundException error)
        {
            throw CommandException.Usage($"--root: {error.Message}", "Name a folder that exists.");
        }
    }
}
