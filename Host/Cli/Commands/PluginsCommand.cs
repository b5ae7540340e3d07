using System.CommandLine;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Dsl;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.Workflows.Reports;

namespace TransformFramework.Cli.Commands;

/// <summary>Shows what was found where, accepted or rejected and why.</summary>
internal static class PluginsCommand
{
    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("plugins", "Shows the plugins found, and why one was rejected");
        command.SetAction(parsed => Run(new(parsed, cancellation)));
        return command;
    }

    private static int Run(CommandContext context)
    {
        PluginCatalog catalog = PluginCatalog.Discover(context.Values(CommonOptions.Plugin));
        if (context.IsJson)
        {
            Console.Out.WriteLine(RunReport.Serialize(new
            {
                schema_version = 1,
                plugins = catalog.Plugins.Select(plugin => new { name = plugin.Name, version = plugin.Version, path = plugin.Path, first_party = plugin.IsFirstParty, accepted = plugin.IsAccepted, transforms = plugin.Transforms.Select(transform => transform.Name) }),
                diagnostics = catalog.Diagnostics.Select(RunReport.Describe),
            }));
            return ExitCodes.Done;
        }
        foreach (PluginDescription plugin in catalog.Plugins)
        {
            string offers = plugin.IsAccepted ? $"  {string.Join(", ", Counts(plugin))}" : "";
            Console.Out.WriteLine($"{(plugin.IsAccepted ? "accepted" : "rejected")}  {plugin.Name} {plugin.Version}{offers}  {plugin.Path}");
        }
        foreach (var diagnostic in catalog.Diagnostics)
            Console.Out.WriteLine(DiagnosticRenderer.Render(diagnostic, null, null));
        return ExitCodes.Done;
    }

    private static IEnumerable<string> Counts(PluginDescription plugin)
    {
        var kinds = plugin.Offers.Select(offer => offer.Kind).Concat(plugin.Transforms.Select(_ => "transform"));
        return kinds.GroupBy(kind => kind, StringComparer.Ordinal).Select(kind => kind.Count() == 1 ? $"1 {kind.Key}" : $"{kind.Count()} {kind.Key}s");
    }
}
