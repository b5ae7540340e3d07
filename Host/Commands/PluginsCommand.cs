using System.CommandLine;
using TransformFramework.Host.PluginLoading;
using TransformFramework.Host.Reporting;

namespace TransformFramework.Host.Commands;

/// <summary>Shows what was found where, accepted or rejected and why.</summary>
internal static class PluginsCommand
{
    public static Command Create()
    {
        var command = new Command("plugins", "Shows the plugins found, and why one was rejected");
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        PluginCatalog catalog = PluginCatalog.Discover(parsed.GetValue(CommonOptions.Plugin) ?? []);
        if (parsed.IsJson())
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
            string offers = $"{plugin.Transforms.Length} transforms, {plugin.Offers.Length} other offers";
            Console.Out.WriteLine($"{(plugin.IsAccepted ? "accepted" : "rejected")}  {plugin.Name} {plugin.Version}  {(plugin.IsAccepted ? offers : "")}  {plugin.Path}");
        }
        foreach (var diagnostic in catalog.Diagnostics)
            Console.Out.WriteLine($"{diagnostic}{(diagnostic.Suggestion is null ? "" : " " + diagnostic.Suggestion)}");
        return ExitCodes.Done;
    }
}
