using System.CommandLine;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Cli.Rendering;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.Workflows.Inspection;
using TransformFramework.Workflows.Reports;

namespace TransformFramework.Cli.Commands;

/// <summary>Shows one transform in full.</summary>
internal static class DescribeCommand
{
    private static readonly Argument<string> Name = new("name") { Description = "A transform's name" };

    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("describe", "Shows one transform: what it does, its arguments, what differs from the original") { Name };
        command.SetAction(parsed => Run(new(parsed, cancellation)));
        return command;
    }

    private static int Run(CommandContext context)
    {
        PluginCatalog catalog = context.Catalog;
        string name = context.Value(Name)!;
        var transform = catalog.FindQualified(name) ?? throw catalog.Unknown(name);
        TransformPage page = TransformPage.Of(catalog, transform);
        Console.Out.WriteLine(context.IsJson
            ? RunReport.Serialize(new { schema_version = 1, name = transform.Name, summary = transform.Summary, text = page.Text, example = page.Example, options = page.Options.Select(option => new { name = option.Name, type = option.TypeText, required = option.IsRequired, repeatable = option.IsRepeatable, @default = option.DefaultText, description = option.Description }) })
            : page.ToMarkdown().TrimEnd());
        return ExitCodes.Done;
    }
}
