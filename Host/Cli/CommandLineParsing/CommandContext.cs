using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using TransformFramework.Cli.Supervision;
using TransformFramework.Diagnostics;
using TransformFramework.Dsl;
using TransformFramework.Engine;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.Execution;
using TransformFramework.Toolkit.Calibration;
using TransformFramework.Workflows.Calibration;

namespace TransformFramework.Cli.CommandLineParsing;

/// <summary>What a command is run with: the parsed options, the plugins, the token that ends it.</summary>
internal sealed class CommandContext(ParseResult parsed, CancellationToken cancellation)
{
    /// <summary>The path of standard output.</summary>
    public const string StandardOutput = "/dev/stdout";

    private readonly HashSet<string> outputs = new(StringComparer.Ordinal);
    private PluginCatalog? catalog;

    /// <summary>Ends the command.</summary>
    public CancellationToken Cancellation { get; } = cancellation;

    /// <summary>Only errors are to be written to stderr, and no results that are for people alone.</summary>
    public bool IsQuiet => Has(CommonOptions.Quiet);

    /// <summary>Every diagnostic is to be shown.</summary>
    public bool IsVerbose => Has(CommonOptions.Verbose);

    /// <summary>Results are to be written as JSON.</summary>
    public bool IsJson => Value(CommonOptions.Format) switch
    {
        null or "text" => false,
        "json" => true,
        string other => throw CommandException.Usage($"--format is text or json, not '{other}'", "Write --format=text or --format=json."),
    };

    /// <summary>How progress is shown: a bar on a terminal, else lines; nothing when only errors are wanted.</summary>
    public ProgressStyle ProgressStyle => Value(CommonOptions.Progress) switch
    {
        "json" => ProgressStyle.Json,
        "off" => ProgressStyle.None,
        null or "auto" => IsQuiet ? ProgressStyle.None : Console.IsErrorRedirected || Environment.GetEnvironmentVariable("TERM") is null or "" or "dumb" ? ProgressStyle.Lines : ProgressStyle.Terminal,
        string other => throw CommandException.Usage($"--progress is auto, json or off, not '{other}'", "Write --progress=json for a JSON object a line on stderr."),
    };

    /// <summary>Refuses wrong values of the options that every command has.</summary>
    /// <exception cref="CommandException">A value is none of the option's.</exception>
    public void CheckCommonOptions() => _ = (IsJson, ProgressStyle);

    /// <summary>Values of format options, which no command declares: <c>--opset=17</c>.</summary>
    public IReadOnlyDictionary<string, string> FormatOptions => ArgumentSpelling.FormatOptions(Values(OutputArguments.FormatOption));

    /// <summary>The plugins; one that --plugin names and that cannot be used ends the command.</summary>
    public PluginCatalog Catalog => catalog ??= UsablePlugins();

    /// <summary>What runs graphs.</summary>
    public IBackend Backend => Catalog.Backend
        ?? throw new PluginException(EngineDiagnostics.NoBackend.Id, EngineDiagnostics.NoBackend.Format()) { Suggestion = "The plugin 'Cpu' belongs beside the program, in plugins/Cpu; 'transform_graph plugins' shows what was found." };

    /// <summary>The value of an option; null without it.</summary>
    public string? Value(Option<string> option) => parsed.GetValue(option);

    /// <summary>The values of an option that may be repeated.</summary>
    public string[] Values(Option<string[]> option) => parsed.GetValue(option) ?? [];

    /// <summary>The value of an argument; null without it.</summary>
    public string? Value(Argument<string> argument) => parsed.GetValue(argument);

    /// <summary>Whether an option of a command was given, by its name.</summary>
    public bool Has(Command command, string name) => command.Options.Any(option => option.Name == name && Has(option));

    /// <summary>The path that an option of a command names, by the option's name; null without it.</summary>
    public string? Path(Command command, string name) => command.Options.OfType<Option<string>>().FirstOrDefault(option => option.Name == name) is { } found ? Path(found) : null;

    /// <summary>The words behind a command's name, each option with its value in one word.</summary>
    /// <param name="command">The command.</param>
    /// <param name="without">Names of options to leave out.</param>
    public ImmutableArray<string> Words(Command command, IReadOnlyCollection<string> without)
    {
        var words = ImmutableArray.CreateBuilder<string>();
        words.AddRange(command.Arguments.Select(parsed.GetResult).SelectMany(result => result?.Tokens ?? []).Select(token => token.Value));
        foreach (Option option in command.Options.Concat(CommonOptions.OfEveryCommand).Where(option => !without.Contains(option.Name) && option != CommonOptions.Progress))
        {
            if (parsed.GetResult(option) is not { Implicit: false } result)
                continue;
            if (option == OutputArguments.FormatOption)
                words.AddRange(result.Tokens.Select(token => "--" + token.Value));
            else if (result.Tokens.Count == 0)
                words.Add(option.Name);
            else
                words.AddRange(result.Tokens.Select(token => $"{option.Name}={token.Value}"));
        }
        return words.ToImmutable();
    }

    /// <summary>Options that were given, with their values, as a command line has them.</summary>
    public string Spelt(params IEnumerable<Option> options) => string.Join(' ', options.SelectMany(option => parsed.GetResult(option) is { Implicit: false } result ? result.Tokens.Select(token => $"{option.Name}={token.Value}") : []));

    /// <summary>Whether an option was given.</summary>
    public bool Has(Option option) => parsed.GetResult(option) is not null;

    /// <summary>The path that an option names; null without it.</summary>
    public string? Path(Option<string> option) => Value(option) is { Length: > 0 } path ? PathExpansion.Expand(path) : null;

    /// <summary>The path that an option names for what is written; null without it. <c>-</c> is standard output: what people are told goes to stderr then.</summary>
    public string? OutputPath(Option<string> option)
    {
        string? path = Path(option);
        if (path is not ("-" or StandardOutput) || OperatingSystem.IsWindows())
            return path;
        Console.SetOut(Console.Error);
        return StandardOutput;
    }

    /// <summary>The path that an option must name for what is written.</summary>
    public string RequiredOutputPath(Option<string> option)
    {
        string path = OutputPath(option) ?? RequiredPath(option);
        outputs.Add(Engine.Files.OutputPath.Absolute(path));
        return path;
    }

    /// <summary>Whether a path is one of those that were required of an option for what is written.</summary>
    public bool IsOutput(string path) => outputs.Contains(Engine.Files.OutputPath.Absolute(path));

    /// <summary>The path that an option must name.</summary>
    public string RequiredPath(Option<string> option) =>
        Path(option) ?? throw CommandException.Usage($"{option.Name} is missing", $"Add {option.Name}={option.HelpName ?? "FILE"}; --help shows every option.");

    /// <summary>The path that an argument must name.</summary>
    public string RequiredPath(Argument<string> argument) => Value(argument) is { Length: > 0 } path ? PathExpansion.Expand(path) : throw CommandException.Usage($"the path of '{argument.Name}' is empty", "Give the path of a file.");

    /// <summary>The whole number that an option gives.</summary>
    public long Integer(Option<string> option, long otherwise, long least, long most)
    {
        if (Value(option) is not { } text)
            return otherwise;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) && number >= least && number <= most
            ? number
            : throw CommandException.Usage($"{option.Name} is a whole number from {least}{(most < int.MaxValue ? $" to {most}" : "")}, not '{text}'");
    }

    /// <summary>The number that an option gives.</summary>
    public double Real(Option<string> option, double otherwise, double least = 0, double most = double.MaxValue)
    {
        if (Value(option) is not { } text)
            return otherwise;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number >= least && number <= most && double.IsFinite(number)
            ? number
            : throw CommandException.Usage(string.Create(CultureInfo.InvariantCulture, $"{option.Name} is a number from {least}") + (most < double.MaxValue ? string.Create(CultureInfo.InvariantCulture, $" to {most}") : "") + $", not '{text}'");
    }

    /// <summary>The range method that an option names; min_max without it.</summary>
    public RangeMethod RangeMethodOf(Option<string> option)
    {
        if (Value(option) is not { } name)
            return RangeMethod.MinMax;
        return RangeMethods.Find(name) ?? throw CommandException.Usage($"{option.Name}: there is no method '{name}'", $"The methods are {string.Join(", ", RangeMethods.Names)}.");
    }

    /// <summary>Largest number of samples; all without the option.</summary>
    public int MostSamples(Option<string> option) => (int)Integer(option, otherwise: int.MaxValue, least: 1, most: int.MaxValue);

    /// <summary>Largest number of iterations of a loop.</summary>
    public long MaxLoopIterations(Option<string> option) => Integer(option, CompileOptions.Default.MaxLoopIterations, least: 1, most: long.MaxValue);

    /// <summary>Writes a line for people to stderr, unless only errors are wanted.</summary>
    public void Say(string line)
    {
        if (!IsQuiet)
            Console.Error.WriteLine(line);
    }

    /// <summary>Writes diagnostics to stderr, unless only errors are wanted.</summary>
    public void Say(IEnumerable<Diagnostic> diagnostics)
    {
        foreach (Diagnostic diagnostic in diagnostics.Where(diagnostic => IsVerbose || diagnostic.Severity != Severity.Info))
            Say(DiagnosticRenderer.Render(diagnostic, null, null));
    }

    private PluginCatalog UsablePlugins()
    {
        string[] named = Values(CommonOptions.Plugin);
        PluginCatalog found = PluginCatalog.Discover(named, Cancellation);
        found.Report = diagnostic => Say([diagnostic]);
        found.Entering = PluginEntries.Enter;
        var unusable = found.Diagnostics.FirstOrDefault(diagnostic => diagnostic.Severity == Severity.Error);
        return unusable is null || named.Length == 0
            ? found
            : throw new PluginException(unusable.Id, unusable.Message) { Suggestion = unusable.Suggestion ?? "'transform_graph plugins' shows what was found where." };
    }
}
