using System.CommandLine;
using TransformFramework.Dsl.Binding;

namespace TransformFramework.Cli.CommandLineParsing;

/// <summary>
/// Brings the words of a command line to one spelling: <c>--in-graph</c> is <c>--in_graph</c>, <c>--quiet=true</c> is <c>--quiet</c>, <c>--quiet=false</c> is nothing, <c>--json</c> is <c>--format=json</c>,
/// an alias is its option, <c>help COMMAND</c> is <c>COMMAND --help</c>; of a repeated single-value option the last stays. <c>--inputs=</c> and other lists may be empty.
/// </summary>
internal sealed class ArgumentSpelling
{
    private static readonly string[] EmptyAllowed = ["--inputs", "--outputs", "--input_layer_values", "--output_prefix", "--benchmark_name", "--target_layer"];

    private readonly Command root;
    private readonly List<Word> normalized = [];

    private ArgumentSpelling(Command root) => this.root = root;

    /// <summary>Spells the words of a command line.</summary>
    /// <param name="arguments">The words.</param>
    /// <param name="root">The root command with all others.</param>
    /// <exception cref="CommandException">An option without a value is given one, or the other way round.</exception>
    public static string[] Normalize(IReadOnlyList<string> arguments, Command root)
    {
        if (arguments is ["help", ..])
            arguments = [.. Known([.. arguments.Skip(1)], root), "--help"];
        return new ArgumentSpelling(root).Spelt(arguments);
    }

    /// <summary>The command whose options count: the one that the first words name, or the root.</summary>
    public static Command CommandOf(IEnumerable<string> arguments, Command root)
    {
        Command found = root;
        foreach (string name in arguments.Where(word => !word.StartsWith('-')))
        {
            if (found.Subcommands.FirstOrDefault(command => command.Name == name || command.Aliases.Contains(name)) is not { } inner)
                return found;
            found = inner;
        }
        return found;
    }

    /// <summary>Name and value of options of formats, <c>name=value</c>.</summary>
    public static Dictionary<string, string> FormatOptions(IEnumerable<string> words)
    {
        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string word in words)
        {
            int equals = word.IndexOf('=', StringComparison.Ordinal);
            options[equals < 0 ? word : word[..equals]] = equals < 0 ? "true" : word[(equals + 1)..];
        }
        return options;
    }

    /// <summary>The words behind <c>help</c>, which name a command.</summary>
    /// <exception cref="CommandException">There is no such command.</exception>
    private static IEnumerable<string> Known(IReadOnlyList<string> asked, Command root)
    {
        Command command = root;
        foreach (string name in asked.Where(word => !word.StartsWith('-')))
        {
            command = command.Subcommands.FirstOrDefault(inner => inner.Name == name || inner.Aliases.Contains(name))
                ?? throw CommandException.Usage($"there is no command '{name}'", Suggestions.Nearest(name, command.Subcommands.Select(inner => inner.Name)) is { } nearest ? $"Did you mean '{nearest}'?" : "'transform_graph --help' shows every command.");
        }
        return asked;
    }

    private string[] Spelt(IReadOnlyList<string> arguments)
    {
        Command command = CommandOf(arguments, root);
        bool areOptions = true;
        for (int i = 0; i < arguments.Count; i++)
        {
            string word = arguments[i];
            areOptions &= word != "--";
            if (areOptions && word == "=")
                throw CommandException.Usage("there are blanks around '='", "Write options as --name=value, without blanks.");
            if (areOptions && word.StartsWith("--", StringComparison.Ordinal))
                i += AddOption(command, word, i + 1 < arguments.Count ? arguments[i + 1] : null);
            else
                normalized.Add(new(null, [word]));
        }
        return [.. normalized.SelectMany(entry => entry.Words)];
    }

    /// <summary>Adds an option; 1 when the next word is its value.</summary>
    private int AddOption(Command command, string word, string? next)
    {
        int equals = word.IndexOf('=', StringComparison.Ordinal);
        string name = "--" + (equals < 0 ? word : word[..equals])[2..].Replace('-', '_').TrimEnd();
        string? value = equals < 0 ? null : word[(equals + 1)..];
        if (name == "--json")
            (name, value) = ("--format", IsOn(name, value) ? "json" : "text");
        Option? option = Find(command, name);
        if (option is null)
        {
            string spelt = value is null ? name : $"{name}={value}";
            normalized.Add(new(name, command.Options.Contains(OutputArguments.FormatOption) ? [OutputArguments.FormatOption.Name, spelt[2..]] : [spelt]));
            return 0;
        }
        name = option.Name;
        if (option.Arity.MaximumNumberOfValues < 2)
            normalized.RemoveAll(entry => entry.Option == name);
        if (option.Arity.MaximumNumberOfValues == 0)
        {
            if (IsOn(name, value))
                normalized.Add(new(name, [name]));
            return 0;
        }
        bool needsValue = option.Arity.MinimumNumberOfValues > 0;
        bool takesNext = value is null && needsValue && next is not null && !next.StartsWith("--", StringComparison.Ordinal);
        CheckValue(option, takesNext ? next : value, takesNext ? null : next, needsValue);
        normalized.Add(new(name, takesNext ? [name, next!] : value is null ? [name] : needsValue ? [name, value] : [$"{name}={value}"]));
        return takesNext ? 1 : 0;
    }

    private Option? Find(Command command, string name)
    {
        Option? Of(IEnumerable<Option> options) => options.FirstOrDefault(option => option.Name == name || option.Aliases.Contains(name));
        return Of(command.Options) ?? Of(root.Options.Where(option => option.Recursive));
    }

    private static void CheckValue(Option option, string? value, string? next, bool needsValue)
    {
        if (value == "=" || value is "" && next is not null && !next.StartsWith('-') && needsValue && !EmptyAllowed.Contains(option.Name))
            throw CommandException.Usage($"{option.Name} has blanks around its '='", $"Write {option.Name}={option.HelpName ?? "VALUE"} without blanks.");
        bool lacks = value is null ? needsValue : value.Length == 0 && !EmptyAllowed.Contains(option.Name);
        if (lacks)
            throw CommandException.Usage($"{option.Name} needs a value: {option.Name}={option.HelpName ?? "VALUE"}{(needsValue ? "" : $", or {option.Name} alone")}", "--help shows every option.");
    }

    private static bool IsOn(string flag, string? value) => value switch
    {
        null or "true" => true,
        "false" => false,
        _ => throw CommandException.Usage($"Couldn't interpret value ={value} for flag {flag[2..]}.", $"Write {flag}, {flag}=true or {flag}=false."),
    };

    /// <summary>An option with its value, or any other word.</summary>
    private sealed record Word(string? Option, string[] Words);
}
