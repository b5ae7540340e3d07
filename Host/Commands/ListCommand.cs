using System.CommandLine;
using TransformFramework.Host.PluginLoading;
using TransformFramework.Host.Reporting;

namespace TransformFramework.Host.Commands;

/// <summary>Lists what the plugins offer, without loading them.</summary>
internal static class ListCommand
{
    public static Command Create()
    {
        var command = new Command("list", "Lists transforms, kernels and formats with the plugin that each comes from");
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        PluginCatalog catalog = parsed.Catalog();
        if (parsed.IsJson())
        {
            Console.Out.WriteLine(RunReport.Serialize(new
            {
                schema_version = 1,
                transforms = catalog.Transforms.Select(transform => new { name = transform.Name, aliases = transform.Aliases, summary = transform.Summary, plugin = transform.PluginName, classic = transform.IsClassic }),
                others = catalog.Plugins.Where(plugin => plugin.IsAccepted).SelectMany(plugin => plugin.Offers.Select(offer => new { kind = offer.Kind, name = offer.Name, plugin = plugin.Name })),
            }));
            return ExitCodes.Done;
        }
        int width = catalog.Transforms.Select(transform => transform.Name.Length).DefaultIfEmpty(0).Max();
        foreach (var transform in catalog.Transforms)
            Console.Out.WriteLine($"{transform.Name.PadRight(width)}  {transform.Summary} [{transform.PluginName}]");
        foreach (PluginDescription plugin in catalog.Plugins.Where(plugin => plugin.IsAccepted))
        {
            foreach (var kind in plugin.Offers.GroupBy(offer => offer.Kind, StringComparer.Ordinal))
                Console.Out.WriteLine($"{kind.Key}s of {plugin.Name}: {string.Join(", ", kind.Select(offer => offer.Name).Order(StringComparer.Ordinal))}");
        }
        foreach (var diagnostic in catalog.Diagnostics)
            Console.Error.WriteLine(diagnostic);
        return ExitCodes.Done;
    }
}
