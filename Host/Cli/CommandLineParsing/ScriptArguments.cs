using System.CommandLine;
using TransformFramework.Engine.Pipeline;

namespace TransformFramework.Cli.CommandLineParsing;

/// <summary>The options by which a command takes a script: <c>--transforms</c> or <c>--transforms_file</c>.</summary>
internal sealed class ScriptArguments
{
    public Option<string> Script { get; } = new("--transforms") { HelpName = "SCRIPT", Description = "The script: name(argument=value, …) …" };

    public Option<string> File { get; } = new("--transforms_file") { HelpName = "FILE", Description = "A file with the script; - for standard input" };

    /// <summary>Whether a script is given.</summary>
    public bool AreGiven(CommandContext context) => context.Has(Script) || context.Has(File);

    /// <summary>The text of the script.</summary>
    /// <exception cref="CommandException">There is none, there are two, or it cannot be read.</exception>
    public ScriptText Read(CommandContext context)
    {
        string? text = context.Value(Script);
        string? file = context.Value(File);
        if (text is not null && file is not null)
            throw CommandException.Usage("--transforms and --transforms_file are both given", "Give one of them.");
        if (file is not null)
            return ScriptSource.ReadFile(file, context.Cancellation);
        if (text is not null && !text.Contains('(', StringComparison.Ordinal) && text.AsSpan().ContainsAny('.', '/') && System.IO.File.Exists(text))
            throw CommandException.Usage($"--transforms: '{text}' is a file, not a script", $"Write {Shell.Option("--transforms_file", text)}.");
        return !string.IsNullOrEmpty(text)
            ? new(text, "--transforms")
            : throw CommandException.Usage("You must specify at least one transform.", "Add --transforms='…' or --transforms_file=FILE; 'transform_graph list' shows every transform.");
    }
}
