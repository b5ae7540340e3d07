using System.Collections.Immutable;
using System.CommandLine;
using TransformFramework.Engine.Models;
using TransformFramework.Toolkit.Ops.Releases;

namespace TransformFramework.Cli.CommandLineParsing;

/// <summary>The options by which a command writes a model: <c>--out_graph</c> (or <c>--out</c>), <c>--out_format</c>, and the options of the format.</summary>
internal sealed class OutputArguments
{
    public Option<string> OutGraph { get; } = new("--out_graph", "--out") { HelpName = "FILE", Description = "Model to write; its ending names the format, a path that ends in / is a SavedModel, other endings are a GraphDef; - is standard output" };

    public Option<string> OutFormat { get; } = new("--out_format") { HelpName = "FORMAT", Description = "Format to write, whatever the ending: graphdef, or one that 'transform_graph list' shows" };

    /// <summary>The release that must read the graph.</summary>
    public Option<string> For { get; } = new("--for") { HelpName = "RELEASE", Description = "The TensorFlow that must read what is written: tf1.15, tf2.12, …; without it the one that wrote the model" };

    /// <summary>Options of formats, which no command declares: <c>--opset=17</c> is spelt <c>--format_option opset=17</c> before the command line is parsed.</summary>
    public static Option<string[]> FormatOption { get; } = new("--format_option") { Hidden = true, Arity = ArgumentArity.ZeroOrMore };

    /// <summary>Adds the options to a command.</summary>
    public OutputArguments AddTo(Command command)
    {
        command.Options.Insert(1, OutGraph);
        command.Options.Insert(2, OutFormat);
        command.Options.Add(For);
        command.Options.Add(FormatOption);
        return this;
    }

    /// <summary>Where and how the model is to be written, checked as far as can be before work starts.</summary>
    /// <exception cref="CommandException">The path is missing.</exception>
    public ModelOutput Resolve(CommandContext context)
    {
        string path = context.RequiredOutputPath(OutGraph);
        var output = new ModelOutput(path, OutputFormat.Choose(path, context.Value(OutFormat), () => context.Catalog), () => context.Catalog, context.FormatOptions.ToImmutableDictionary(StringComparer.Ordinal)) { Reader = Reader(context) };
        OutputPlace.Check(output);
        return output;
    }

    /// <summary>The release that <c>--for</c> names; null without it.</summary>
    /// <exception cref="CommandException">There is no such release.</exception>
    public TensorFlowRelease? Reader(CommandContext context) => context.Value(For) is not { } version
        ? null
        : TensorFlowRelease.Find(version) ?? throw CommandException.Usage($"--for: there is no TensorFlow '{version}'", $"Releases are tf0.12 to tf{TensorFlowRelease.Newest.Version}.");
}
