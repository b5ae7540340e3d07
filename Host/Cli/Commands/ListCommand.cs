using System.CommandLine;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Dsl;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.Workflows.Reports;

namespace TransformFramework.Cli.Commands;

/// <summary>Lists what the plugins offer, without loading them.</summary>
internal static class ListCommand
{
    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("list", "Lists transforms, kernels and formats with the plugin that each comes from");
        command.SetAction(parsed => Run(new(parsed, cancellation)));
        return command;
    }

    private static int Run(CommandContext context)
    {
        PluginCatalog catalog = context.Catalog;
        if (context.IsJson)
            PrintJson(catalog);
        else
            PrintText(catalog);
        return ExitCodes.Done;
    }

    private static void PrintText(PluginCatalog catalog)
    {
        var transforms = catalog.Transforms;
        int width = 0;
        foreach (var transform in transforms)
            width = Math.Max(width, transform.Name.Length);
        foreach (var transform in transforms)
            Console.Out.WriteLine($"{transform.Name.PadRight(width)}  {transform.Summary} [{transform.PluginName}]");
        foreach (PluginDescription plugin in catalog.Plugins.Where(plugin => plugin.IsAccepted))
        {
            foreach (var kind in plugin.Offers.GroupBy(offer => offer.Kind, StringComparer.Ordinal))
            {
                string[] names = [.. kind.Select(offer => offer.Name)];
                Array.Sort(names, StringComparer.Ordinal);
                Console.Out.WriteLine($"{kind.Key}s of {plugin.Name}: {string.Join(", ", names)}");
            }
        }
        foreach (var diagnostic in catalog.Diagnostics)
            Console.Error.WriteLine(DiagnosticRenderer.Render(diagnostic, null, null));
    }

    private static void PrintJson(PluginCatalog catalog) => Console.Out.WriteLine(RunReport.Serialize(new
    {
        schema_version = 1,
        transforms = catalog.Transforms.Select(transform => new { name = transform.Name, aliases = transform.Aliases, summary = transform.Summary, plugin = transform.PluginName, classic = transform.IsClassic }),
        others = catalog.Plugins.Where(plugin => plugin.IsAccepted).SelectMany(plugin => plugin.Offers.Select(offer => new { kind = offer.Kind, name = offer.Name, plugin = plugin.Name })),
    }));
}
