using System.CommandLine;
using System.Globalization;
using TransformFramework.Diagnostics;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.Execution;
using TransformFramework.Toolkit.Calibration;
using TransformFramework.Workflows.Calibration;

namespace TransformFramework.Cli.CommandLineParsing;

/// <summary>Options of every command.</summary>
internal static class CommonOptions
{
    public static readonly Option<string> Format = new("--format") { HelpName = "text|json", Description = "How results are written; text without it", Recursive = true };

    public static readonly Option<string> Quiet = new("--quiet") { Description = "Only errors on stderr", Recursive = true, Arity = ArgumentArity.Zero };

    public static readonly Option<string> Verbose = new("--verbose") { Description = "Every diagnostic and statistic on stderr", Recursive = true, Arity = ArgumentArity.Zero };

    public static readonly Option<string[]> Plugin = new("--plugin") { HelpName = "PATH", Description = "A plugin's DLL or folder; may be repeated", Recursive = true };

    /// <summary>Instead of the library's own, which read resources at every start.</summary>
    public static readonly Option<string> Help = new("--help", "-h", "-?") { Description = "What a command does, and its options", Recursive = true, Arity = ArgumentArity.Zero, Action = new HelpAction() };

    private static readonly Option<string> Version = new("--version") { Description = "The program's version", Recursive = true, Arity = ArgumentArity.Zero, Action = new VersionAction() };

    public static Option[] OfEveryCommand => [Format, Quiet, Verbose, Plugin, Help, Version];

    public static Option<string> InGraph() => new("--in_graph") { HelpName = "FILE", Description = "Graph file to read: GraphDef, binary or text" };

    public static Option<string[]> Feed() => new("--feed") { HelpName = "NAME=VALUE", Description = "A value for an input: FILE.npy, FILE.npz:KEY, PICTURE?size=224x224&mean=M&scale=S, FILE.wav, raw:FILE, random:SEED, random:SEED?shape=1x224x224x3, text:STRING or a number; may be repeated" };

    public static Option<string> MaxIterations() => new("--max_iterations") { HelpName = "N", Description = "Iterations after which a loop is given up as endless; a million without it" };

    /// <summary>An option without a value. Options are texts, since other types of them are not compiled ahead of time and slow every start.</summary>
    public static Option<string> Flag(string name, string description) => new(name) { Description = description, Arity = ArgumentArity.Zero };

    public static bool Has(this ParseResult parsed, Option option) => parsed.GetResult(option) is not null;

    public static long MaxLoopIterations(this ParseResult parsed, Option<string> option) => parsed.Integer(option, CompileOptions.Default.MaxLoopIterations, least: 1, most: long.MaxValue);

    /// <summary>The whole number that an option gives.</summary>
    public static long Integer(this ParseResult parsed, Option<string> option, long otherwise, long least, long most)
    {
        if (parsed.GetValue(option) is not { } text)
            return otherwise;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) && number >= least && number <= most
            ? number
            : throw CommandException.Usage($"{option.Name} is a whole number from {least}, not '{text}'");
    }

    /// <summary>The number that an option gives, 0 or above.</summary>
    public static double Real(this ParseResult parsed, Option<string> option, double otherwise)
    {
        if (parsed.GetValue(option) is not { } text)
            return otherwise;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number >= 0
            ? number
            : throw CommandException.Usage($"{option.Name} is a number from 0, not '{text}'");
    }

    /// <summary>The range method that an option names; min_max without it.</summary>
    public static RangeMethod RangeMethod(this ParseResult parsed, Option<string> option)
    {
        if (parsed.GetValue(option) is not { } name)
            return Toolkit.Calibration.RangeMethod.MinMax;
        return RangeMethods.Find(name) ?? throw CommandException.Usage($"{option.Name}: there is no method '{name}'", $"The methods are {string.Join(", ", RangeMethods.Names)}.");
    }

    /// <summary>What runs graphs.</summary>
    public static IBackend Backend(this ParseResult parsed) => parsed.Catalog().Backend
        ?? throw new PluginException("TFX3022", "no plugin offers a backend, so graphs cannot be run") { Suggestion = "The plugin 'Cpu' belongs beside the program, in plugins/Cpu; 'transform_graph plugins' shows what was found." };

    public static bool IsJson(this ParseResult parsed) => parsed.GetValue(Format) switch
    {
        "text" => false,
        "json" => true,
        string other => throw CommandException.Usage($"--format is text or json, not '{other}'", "Write --format=text or --format=json."),
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
