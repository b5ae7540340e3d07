using System.CommandLine;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Dsl;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.Workflows.Reports;

namespace TransformFramework.Cli.Commands;

/// <summary>Shows what was found where, accepted or rejected and why; adds plugins from packages, and locks what is there.</summary>
internal static class PluginsCommand
{
    private static readonly Argument<string> Action = new("action") { Description = "list (without a word), add, lock or verify", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Argument<string> Package = new("package") { Description = "What add restores by NuGet's client into the user's plugin folder: ID, or ID@VERSION", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string[]> Source = new("--source") { HelpName = "SOURCE", Description = "Where add takes packages from: a folder or an address; may be repeated; what NuGet is configured for without it" };

    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("plugins", "Shows the plugins found, and why one was rejected; adds, locks and verifies plugins") { Action, Package, Source };
        command.SetAction(parsed => Run(new(parsed, cancellation)));
        return command;
    }

    private static int Run(CommandContext context) => context.Value(Action) switch
    {
        "add" => Add(context),
        null or "list" or "lock" or "verify" when context.Value(Package) is { } surplus => throw CommandException.Usage($"plugins {context.Value(Action)} takes no '{surplus}'", "Only add takes a package."),
        null or "list" => List(context),
        "lock" => Lock(context),
        "verify" => Verify(context),
        string other => throw CommandException.Usage($"plugins has no action '{other}'", "Write plugins, plugins add ID, plugins lock or plugins verify."),
    };

    private static int Add(CommandContext context)
    {
        string[] package = (context.Value(Package) ?? throw CommandException.Usage("plugins add needs the name of a package", "Write plugins add ID, or ID@VERSION.")).Split('@', 2);
        PluginDescription added = PluginPackage.Add(package[0], package.Length > 1 ? package[1] : null, context.Values(Source), context.Cancellation);
        if (context.IsJson)
            Console.Out.WriteLine(RunReport.Serialize(new { schema_version = 1, name = added.Name, version = added.Version, path = added.Path }));
        else
            Console.Out.WriteLine($"added     {added.Name} {added.Version}  {string.Join(", ", Counts(added))}  {added.Path}");
        return ExitCodes.Done;
    }

    private static int Lock(CommandContext context)
    {
        PluginLock locked = PluginLock.Of(PluginCatalog.Discover(context.Values(CommonOptions.Plugin), context.Cancellation).Plugins);
        string path = locked.Write(UserFolder());
        if (context.IsJson)
        {
            Console.Out.WriteLine(RunReport.Serialize(new { schema_version = 1, file = path, locked = locked.Plugins.Select(plugin => new { name = plugin.Name, version = plugin.Version, source = plugin.Source }) }));
            return ExitCodes.Done;
        }
        foreach (LockedPlugin plugin in locked.Plugins)
            Console.Out.WriteLine($"locked    {plugin.Name} {plugin.Version}  {plugin.Source}");
        Console.Out.WriteLine($"{locked.Plugins.Length} plugin{(locked.Plugins.Length == 1 ? "" : "s")} in {path}");
        return ExitCodes.Done;
    }

    private static int Verify(CommandContext context)
    {
        PluginLock locked = PluginLock.Read(UserFolder());
        string[] unlisted = [.. PluginCatalog.Discover(context.Values(CommonOptions.Plugin), context.Cancellation).Plugins.Where(plugin => !plugin.IsFirstParty && !locked.Plugins.Any(known => known.Path == plugin.Path)).Select(plugin => plugin.Name)];
        (LockedPlugin Plugin, string? Change)[] verified = [.. locked.Plugins.Select(plugin => (plugin, locked.Change(plugin.Path)))];
        if (context.IsJson)
            Console.Out.WriteLine(RunReport.Serialize(new { schema_version = 1, verified = verified.Select(entry => new { name = entry.Plugin.Name, version = entry.Plugin.Version, source = entry.Plugin.Source, change = entry.Change }), unlocked = unlisted }));
        else
            PrintVerified(verified, unlisted);
        return Array.TrueForAll(verified, entry => entry.Change is null) ? ExitCodes.Done : ExitCodes.Plugin;
    }

    private static void PrintVerified((LockedPlugin Plugin, string? Change)[] verified, string[] unlisted)
    {
        foreach (var (plugin, change) in verified)
            Console.Out.WriteLine(change is null ? $"unchanged {plugin.Name} {plugin.Version}  {plugin.Source}" : $"changed   {plugin.Name} {plugin.Version}  {change}");
        foreach (string name in unlisted)
            Console.Out.WriteLine($"unlocked  {name}");
        if (verified.Length + unlisted.Length == 0)
            Console.Out.WriteLine("no plugins are locked, and none are there beside the program's own");
    }

    private static string UserFolder() => PluginCatalog.UserFolder() ?? throw CommandException.Usage("there is no home folder, which holds the lock of plugins", "Set HOME.");

    private static int List(CommandContext context)
    {
        PluginCatalog catalog = PluginCatalog.Discover(context.Values(CommonOptions.Plugin), context.Cancellation);
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
