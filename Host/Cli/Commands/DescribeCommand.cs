using System.CommandLine;
using System.Globalization;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Cli.Rendering;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.Workflows.Inspection;
using TransformFramework.Workflows.Reports;

namespace TransformFramework.Cli.Commands;

/// <summary>Shows one transform in full, or the page of a diagnostic.</summary>
internal static class DescribeCommand
{
    private static readonly Argument<string> Name = new("name") { Description = "A transform's name, or a diagnostic's id" };

    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("describe", "Shows one transform: what it does, its arguments, what differs from the original; or one diagnostic: why it comes, what to do") { Name };
        command.SetAction(parsed => Run(new(parsed, cancellation)));
        return command;
    }

    private static int Run(CommandContext context)
    {
        string name = context.Value(Name)!;
        if (PageOf(name) is { } text)
        {
            Console.Out.WriteLine(context.IsJson ? RunReport.Serialize(new { schema_version = 1, name, text }) : text.TrimEnd());
            return ExitCodes.Done;
        }
        if (name.Length == 7 && name.StartsWith("TFX", StringComparison.OrdinalIgnoreCase) && int.TryParse(name.AsSpan(3), NumberStyles.None, CultureInfo.InvariantCulture, out _))
            throw CommandException.Usage($"there is no diagnostic '{name}'", "An id is TFX and four digits, as a message shows it behind 'error' or 'warning'.");
        PluginCatalog catalog = context.Catalog;
        var transform = catalog.FindQualified(name) ?? throw catalog.Unknown(name);
        TransformPage page = TransformPage.Of(catalog, transform);
        Console.Out.WriteLine(context.IsJson
            ? RunReport.Serialize(new { schema_version = 1, name = transform.Name, summary = transform.Summary, text = page.Text, example = page.Example, options = page.Options.Select(option => new { name = option.Name, type = option.TypeText, required = option.IsRequired, repeatable = option.IsRepeatable, @default = option.DefaultText, description = option.Description }) })
            : page.ToMarkdown().TrimEnd());
        return ExitCodes.Done;
    }

    /// <summary>The page of a diagnostic, which docs/diagnostics has too; null when there is none of the id.</summary>
    private static string? PageOf(string id)
    {
        using Stream? page = typeof(DescribeCommand).Assembly.GetManifestResourceStream($"{id.ToUpperInvariant()}.md");
        if (page is null)
            return null;
        using var reader = new StreamReader(page);
        return reader.ReadToEnd();
    }
}
