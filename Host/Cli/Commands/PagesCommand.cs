using System.CommandLine;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Cli.Rendering;
using TransformFramework.Diagnostics;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.Workflows.Inspection;

namespace TransformFramework.Cli.Commands;

/// <summary>Writes a page for every transform, or checks that the pages are those that would be written.</summary>
internal static class PagesCommand
{
    private static readonly Option<string> Out = new("--out") { HelpName = "FOLDER", Description = "The folder of the pages" };
    private static readonly Option<string> Check = CommonOptions.Flag("--check_pages", "Write nothing; fail when a page is stale");

    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("docs", "Writes the transforms' pages") { Out, Check };
        command.Hidden = true;
        command.SetAction(parsed => Run(new(parsed, cancellation)));
        return command;
    }

    private static int Run(CommandContext context)
    {
        PluginCatalog catalog = context.Catalog;
        string folder = context.RequiredPath(Out);
        var stale = new List<string>();
        foreach (var transform in catalog.Transforms)
        {
            string file = Path.Combine(folder, transform.Name + ".md");
            string page = TransformPage.Of(catalog, transform).ToMarkdown();
            if (File.Exists(file) && File.ReadAllText(file) == page)
                continue;
            stale.Add(transform.Name);
            if (context.Has(Check))
                continue;
            Directory.CreateDirectory(folder);
            File.WriteAllText(file, page);
        }
        if (context.Has(Check) && stale.Count > 0)
            throw new CommandException(ExitCodes.Failed, CliDiagnostics.StalePages.With(string.Join(", ", stale)) with { Suggestion = $"Run 'transform_graph docs --out={folder}'." });
        Console.Out.WriteLine($"{catalog.Transforms.Length} pages, {stale.Count} written");
        return ExitCodes.Done;
    }
}
