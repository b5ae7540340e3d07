using System.Collections.Immutable;
using System.CommandLine;
using TransformFramework.Engine.Models;

namespace TransformFramework.Cli.CommandLineParsing;

/// <summary>The options by which a command writes a model: <c>--out_graph</c> (or <c>--out</c>), <c>--out_format</c>, and the options of the format.</summary>
internal sealed class OutputArguments
{
    public Option<string> OutGraph { get; } = new("--out_graph", "--out") { HelpName = "FILE", Description = "Model to write; its ending names the format, a path that ends in / is a SavedModel, other endings are a GraphDef" };

    public Option<string> OutFormat { get; } = new("--out_format") { HelpName = "FORMAT", Description = "Format to write, whatever the ending: graphdef, or one that 'transform_graph list' shows" };

    /// <summary>Options of the format, <c>name=value</c>: the spelling of the command line makes them of words such as <c>--opset=17</c> that no command declares.</summary>
    public Option<string[]> FormatOption { get; } = new(FormatOptionName) { Hidden = true };

    /// <summary>Name of the hidden option that holds those of formats.</summary>
    public const string FormatOptionName = "--format_option";

    /// <summary>Adds the options to a command.</summary>
    public OutputArguments AddTo(Command command)
    {
        command.Options.Insert(1, OutGraph);
        command.Options.Insert(2, OutFormat);
        command.Options.Insert(3, FormatOption);
        return this;
    }

    /// <summary>Where and how the model is to be written, checked as far as can be before work starts.</summary>
    /// <exception cref="CommandException">The path is missing.</exception>
    public ModelOutput Resolve(CommandContext context)
    {
        string path = context.RequiredPath(OutGraph);
        var output = new ModelOutput(path, OutputFormat.Choose(path, context.Value(OutFormat), () => context.Catalog), () => context.Catalog, Settings(context));
        output.Check();
        return output;
    }

    private ImmutableDictionary<string, string> Settings(CommandContext context)
    {
        var settings = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (string option in context.Values(FormatOption))
        {
            int equals = option.IndexOf('=', StringComparison.Ordinal);
            settings[option[..equals]] = option[(equals + 1)..];
        }
        return settings.ToImmutable();
    }
}
