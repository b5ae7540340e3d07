using System.CommandLine;

namespace TransformFramework.Cli.CommandLineParsing;

/// <summary>Options of every command.</summary>
internal static class CommonOptions
{
    public static readonly Option<string> Format = new("--format") { HelpName = "text|json", Description = "How results are written; text without it", Recursive = true };

    public static readonly Option<string> Quiet = new("--quiet") { Description = "Only errors on stderr", Recursive = true, Arity = ArgumentArity.Zero };

    public static readonly Option<string> Verbose = new("--verbose") { Description = "Every diagnostic and statistic on stderr", Recursive = true, Arity = ArgumentArity.Zero };

    public static readonly Option<string> Progress = new("--progress") { HelpName = "auto|json|off", Description = "How far a long command is, on stderr: a bar on a terminal, else a line every 10 seconds; json writes an object a line", Recursive = true };

    public static readonly Option<string[]> Plugin = new("--plugin") { HelpName = "PATH", Description = "A plugin's DLL or folder, or one file of C# that is compiled; may be repeated", Recursive = true };

    /// <summary>Instead of the library's own, which read resources at every start.</summary>
    public static readonly Option<string> Help = new("--help", "-h", "-?") { Description = "What a command does, and its options", Recursive = true, Arity = ArgumentArity.Zero, Action = new HelpAction() };

    private static readonly Option<string> Version = new("--version") { Description = "The program's version", Recursive = true, Arity = ArgumentArity.Zero, Action = new VersionAction() };

    public static Option[] OfEveryCommand => [Format, Quiet, Verbose, Progress, Plugin, Help, Version];

    public static Option<string[]> Feed() => new("--feed") { HelpName = "NAME=VALUE", Description = "A value for an input: FILE.npy, FILE.npz:KEY, IMAGE?size=224x224&mean=M&scale=S, FILE.wav, raw:FILE, random:SEED, random:SEED?shape=1x224x224x3, text:STRING or a number; may be repeated" };

    public static Option<string> MaxIterations() => new("--max_iterations") { HelpName = "N", Description = "Iterations after which a loop is given up as endless; a million without it" };

    public static Option<string> Inputs() => new("--inputs") { HelpName = "NAMES", Description = "Names of the inputs; without it all placeholders" };

    public static Option<string> Outputs() => new("--outputs") { HelpName = "NAMES", Description = "Names of the outputs, separated by commas; without it what no node reads" };

    public static Option<string> Samples() => new("--samples") { HelpName = "N", Description = "Largest number of samples; all without it" };

    public static Option<string> Evaluate() => new("--evaluate") { HelpName = "D.npz|FOLDER", Description = "Labelled images, as 'evaluate --data' takes them: measure the accuracy before and after" };

    /// <summary>An option without a value. Options are texts, since other types of them are not compiled ahead of time and slow every start.</summary>
    public static Option<string> Flag(string name, string description) => new(name) { Description = description, Arity = ArgumentArity.Zero };

    public static bool Has(this ParseResult parsed, Option option) => parsed.GetResult(option) is not null;
}
