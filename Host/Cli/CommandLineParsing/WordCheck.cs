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

    private readonly Command command = parsed.CommandResult.Command;

    private bool IsRoot => parsed.CommandResult.Parent is null;

    /// <summary>Throws for the first word that is wrong.</summary>
    /// <exception cref="CommandException">A word is unknown, or an argument is missing.</exception>
    public void Run()
    {
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
        string? meant = Synonyms.Where(synonym => synonym.Word == name && own.Contains(synonym.Option)).Select(synonym => synonym.Option).FirstOrDefault() ?? Suggestions.Nearest(name, own);
        bool isElsewhere = parsed.RootCommandResult.Command.Subcommands.Append(parsed.RootCommandResult.Command).SelectMany(other => other.Options).Any(option => option.Name == name);
        return CommandException.Usage(isElsewhere ? $"{(IsRoot ? "a transformation" : $"'{command.Name}'")} has no option '{name}'" : $"unknown option '{name}'", meant is null ? all : $"Did you mean '{meant}'?");
    }

    private CommandException UnknownWord(string word, string all)
    {
        var candidates = parsed.RootCommandResult.Command.Subcommands.SelectMany(candidate => candidate.Aliases.Prepend(candidate.Name));
        if (IsRoot && Suggestions.Nearest(word, candidates) is { } nearest)
            return CommandException.Usage($"unknown command or argument '{word}'", $"Did you mean '{nearest}'?");
        if (IsRoot && parsed.GetValue<string>("--transforms") is { Length: > 0 } script)
            return CommandException.Usage($"unknown command or argument '{word}'", $"If it belongs to the script, put the script in quotes: --transforms='{script} {string.Join(' ', parsed.UnmatchedTokens)}'.");
        return IsRoot && File.Exists(word)
            ? CommandException.Usage($"unknown command or argument '{word}'", $"It is a file: 'transform_graph summarize {word}' says what it holds.")
            : CommandException.Usage($"unknown command or argument '{word}'", all);
    }
}
