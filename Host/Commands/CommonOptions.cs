using System.CommandLine;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Host.PluginLoading;

namespace TransformFramework.Host.Commands;

/// <summary>Options of every command.</summary>
internal static class CommonOptions
{
    public static readonly Option<string> Format = new("--format") { Description = "text or json", DefaultValueFactory = _ => "text", Recursive = true };

    public static readonly Option<bool> Quiet = new("--quiet") { Description = "Only errors on stderr", Recursive = true, Arity = ArgumentArity.Zero };

    public static readonly Option<bool> Verbose = new("--verbose") { Description = "Every diagnostic and statistic on stderr", Recursive = true, Arity = ArgumentArity.Zero };

    public static readonly Option<string[]> Plugin = new("--plugin") { Description = "A plugin's DLL or folder; may be repeated", Recursive = true };

    public static Option<string> InGraph() => new("--in_graph") { Description = "Graph file to read: GraphDef, binary or text" };

    public static Option<string[]> Feed() => new("--feed") { Description = "NAME=VALUE for an input: FILE.npy, FILE.npz:KEY, PICTURE?size=224x224&mean=M&scale=S, FILE.wav, raw:FILE, random:SEED, text:STRING or a number; may be repeated" };

    public static Option<long> MaxIterations() => new("--max_iterations") { Description = "Iterations after which a loop is given up as endless", DefaultValueFactory = _ => CompileOptions.Default.MaxLoopIterations };

    /// <summary>What runs graphs.</summary>
    public static IBackend Backend(this ParseResult parsed) => parsed.Catalog().Backend
        ?? throw new PluginException("TFX3022", "no plugin offers a backend, so graphs cannot be run") { Suggestion = "The plugin 'Cpu' belongs beside the program, in plugins/Cpu; 'transform_graph plugins' shows what was found." };

    public static bool IsJson(this ParseResult parsed) => parsed.GetValue(Format) switch
    {
        "text" => false,
        "json" => true,
        string other => throw CommandException.Usage($"--format is text or json, not '{other}'"),
        null => false,
    };

    /// <summary>The plugins; one that --plugin names and that cannot be used ends the command.</summary>
    public static PluginCatalog Catalog(this ParseResult parsed)
    {
        string[] named = parsed.GetValue(Plugin) ?? [];
        PluginCatalog catalog = PluginCatalog.Discover(named);
        var unusable = catalog.Diagnostics.FirstOrDefault(diagnostic => diagnostic.Severity == Severity.Error);
        return unusable is null || named.Length == 0
            ? catalog
            : throw new PluginException(unusable.Id, unusable.Message) { Suggestion = unusable.Suggestion ?? "'transform_graph plugins' shows what was found where." };
    }

    public static string Required(this ParseResult parsed, Option<string> option) =>
        parsed.GetValue(option) is { Length: > 0 } value ? value : throw CommandException.Usage($"{option.Name} is missing", $"Add {option.Name}=FILE; --help shows every option.");
}
