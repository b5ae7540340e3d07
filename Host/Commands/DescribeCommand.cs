using System.CommandLine;
using TransformFramework.Dsl.Binding;
using TransformFramework.Host.PluginLoading;
using TransformFramework.Host.Reporting;

namespace TransformFramework.Host.Commands;

/// <summary>Shows one transform in full.</summary>
internal static class DescribeCommand
{
    private static readonly Argument<string> Name = new("name") { Description = "A transform's name" };

    public static Command Create()
    {
        var command = new Command("describe", "Shows one transform: what it does, its arguments, what differs from the original") { Name };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        PluginCatalog catalog = parsed.Catalog();
        string name = parsed.GetValue(Name)!;
        var transform = catalog.Find(null, name);
        if (transform is null)
        {
            string? nearest = Suggestions.Nearest(name, catalog.Names);
            throw CommandException.Usage($"there is no transform '{name}'", nearest is null ? "'transform_graph list' shows every transform." : $"Did you mean '{nearest}'?");
        }
        TransformPage page = TransformPage.Of(catalog, transform);
        Console.Out.WriteLine(parsed.IsJson()
            ? RunReport.Serialize(new { schema_version = 1, name = transform.Name, summary = transform.Summary, text = page.Text, example = page.Example, options = page.Options })
            : page.ToMarkdown().TrimEnd());
        return ExitCodes.Done;
    }
}
