using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using TransformFramework.Dsl.Binding;
using TransformFramework.Engine.Models;

namespace TransformFramework.Cli.CommandLineParsing;

/// <summary>Refuses words that the command does not take, and says what was probably meant.</summary>
internal sealed class WordCheck(ParseResult parsed, CommandContext context)
{
    /// <summary>What other programs, and other commands of this one, call an option.</summary>
    private static readonly (string Word, string Option)[] Synonyms =
    [
        ("--input", "--feed"), ("--inputs", "--feed"), ("--output", "--outputs"), ("--model", "--in_graph"), ("--graph", "--in_graph"), ("--in", "--in_graph"), ("--out", "--out_graph"), ("--save", "--out_graph"),
        ("--samples", "--data"), ("--dataset", "--data"), ("--images", "--data"), ("--script", "--transforms"), ("--transform", "--transforms"),
    ];

    /// <summary>What a second plain word is probably meant for: what exists is read, what does not is written.</summary>
    private static readonly ImmutableArray<(string Option, string Meaning)>
        Read = [("--in_graph", "model"), ("--data", "data"), ("--feed", "input's value"), ("--out_graph", "model to write")],
        Written = [("--out_graph", "model to write"), ("--data", "data"), ("--feed", "input's value")];

    /// <summary>Length of an option such as <c>-v</c>, which is near to every other.</summary>
    private const int ShortOption = 2;

    private readonly Command command = parsed.CommandResult.Command;

    private bool IsRoot => parsed.CommandResult.Parent is null;

    /// <summary>Throws for the first word that is wrong.</summary>
    /// <exception cref="CommandException">A word is unknown, or an argument is missing.</exception>
    public void Run()
    {
        if (!IsRoot && parsed.RootCommandResult.Command.Options.FirstOrDefault(option => !option.Recursive && !option.Hidden && parsed.RootCommandResult.Children.OfType<OptionResult>().Any(given => given.Option == option && !given.Implicit)) is { } early)
            throw BeforeCommand(early.Name);
        var arguments = parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens).Select(token => token.Value).ToList();
        var plain = parsed.Tokens.SkipWhile(token => token.Type != TokenType.DoubleDash).Select(token => token.Value).ToHashSet(StringComparer.Ordinal);
        var formatOptions = command.Options.Contains(OutputArguments.FormatOption) ? context.Values(OutputArguments.FormatOption).Select(option => "--" + option) : [];
        foreach (string word in formatOptions.Concat(parsed.UnmatchedTokens).Concat(arguments.Where(word => word.Length > 1 && word.StartsWith('-') && !plain.Contains(word))))
        {
            if (!word.StartsWith("--", StringComparison.Ordinal) || !IsFormatOption(word))
                throw Unknown(word);
        }
        foreach (Argument argument in command.Arguments.Where(argument => argument.Arity.MinimumNumberOfValues > 0))
        {
            if (parsed.GetResult(argument) is not { Tokens.Count: > 0 })
                throw CommandException.Usage($"{command.Name} needs {string.Join(" and ", command.Arguments.Where(needed => needed.Arity.MinimumNumberOfValues > 0).Select(needed => needed.Name.ToUpperInvariant()))}", $"Write transform_graph {command.Name} {string.Join(' ', command.Arguments.Select(needed => needed.Name.ToUpperInvariant()))}.");
        }
        if (parsed.Errors.FirstOrDefault(error => !parsed.UnmatchedTokens.Any(word => error.Message.Contains($"'{word}'", StringComparison.Ordinal))) is { } other)
            throw CommandException.Usage(other.Message, "--help shows every option.");
    }

    /// <summary>The option of every command that a word without dashes means, such as <c>version</c>.</summary>
    private string? OptionOf(string word) => parsed.RootCommandResult.Command.Options.Select(option => option.Name).FirstOrDefault(name => name == "--" + word);

    /// <summary>What to do about a word that stands where only options do; null when nothing is known of it.</summary>
    private string? MeantBy(string word)
    {
        if (!IsRoot)
            return (Path.Exists(word) ? Read : Written).Where(plain => IsMissing(plain.Option)).Select(plain => $"Write {plain.Option}={(plain.Option == "--feed" ? "NAME=" : "")}{word} if it is the {plain.Meaning}.").FirstOrDefault();
        if (word is "transform" or "apply")
            return "A transformation has no command: transform_graph --in_graph=FILE --out_graph=FILE --inputs=NAMES --outputs=NAMES --transforms='SCRIPT'.";
        return File.Exists(word) ? $"It is a file: 'transform_graph summarize {word}' says what it holds." : null;
    }

    /// <summary>True for an option of the command that is not given, or may be given again. A command that takes its models as arguments has them.</summary>
    private bool IsMissing(string name) => (name != "--in_graph" || command.Arguments.Count == 0)
        && command.Options.FirstOrDefault(option => option.Name == name) is { } option
        && (option.Arity.MaximumNumberOfValues > 1 || parsed.GetResult(option) is null or { Implicit: true });

    private bool IsFormatOption(string word)
    {
        if (!command.Options.Any(option => option.Name == "--out_format"))
            return false;
        string name = word.Split('=')[0][2..];
        return OutputFormat.All(context.Catalog).Any(format => format.Options.Any(option => option.Name == name));
    }

    private CommandException Unknown(string word)
    {
        string name = word.Split('=')[0];
        string all = $"'transform_graph{(IsRoot ? "" : $" {command.Name}")} --help' shows every option.";
        if (!word.StartsWith('-'))
            return UnknownWord(word, all);
        string[] own = [.. command.Options.Concat(parsed.RootCommandResult.Command.Options.Where(option => option.Recursive)).SelectMany(option => option.Aliases.Prepend(option.Name))];
        string? meant = Synonyms.Where(synonym => synonym.Word == name && own.Contains(synonym.Option)).Select(synonym => synonym.Option).FirstOrDefault() ?? (name.Length > ShortOption ? Suggestions.Nearest(name, own) : null);
        if (own.Contains(name))
            return BeforeCommand(name);
        bool isElsewhere = parsed.RootCommandResult.Command.Subcommands.Append(parsed.RootCommandResult.Command).SelectMany(other => other.Options).Any(option => option.Name == name);
        return CommandException.Usage(isElsewhere ? $"{(IsRoot ? "a transformation" : $"'{command.Name}'")} has no option '{name}'" : $"unknown option '{name}'", meant is null ? Usage() ?? all : $"Did you mean '{meant}'?");

        string? Usage() => !IsRoot && command.Arguments.Any(argument => argument.Arity.MinimumNumberOfValues > 0 || argument.Name == "file")
            ? $"Write transform_graph {command.Name} {string.Join(' ', command.Arguments.Select(argument => argument.Name.ToUpperInvariant()))}; --help shows every option."
            : null;
    }

    private CommandException BeforeCommand(string option) => CommandException.Usage($"the option '{option}' stands before its command", $"Write it behind '{command.Name}'.");

    private CommandException UnknownWord(string word, string all)
    {
        var candidates = parsed.RootCommandResult.Command.Subcommands.SelectMany(candidate => candidate.Aliases.Prepend(candidate.Name));
        if (command.Subcommands.Count > 0 && !IsRoot)
            return CommandException.Usage($"'{command.Name}' has no command '{word}'", $"Its commands are {string.Join(", ", command.Subcommands.Select(inner => inner.Name))}.");
        if (IsRoot && OptionOf(word) is { } option)
            return CommandException.Usage($"unknown command or argument '{word}'", $"Did you mean '{option}'?");
        if (IsRoot && Suggestions.Nearest(word, candidates) is { } nearest)
            return CommandException.Usage($"unknown command or argument '{word}'", $"Did you mean '{nearest}'?");
        if (IsRoot && parsed.GetValue<string>("--transforms") is { Length: > 0 } script)
            return CommandException.Usage($"unknown command or argument '{word}'", $"If it belongs to the script, put the script in quotes: --transforms='{script} {string.Join(' ', parsed.UnmatchedTokens)}'.");
        return CommandException.Usage($"unknown command or argument '{word}'", MeantBy(word) ?? all);
    }
}
