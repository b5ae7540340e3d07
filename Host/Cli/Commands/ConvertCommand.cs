using System.CommandLine;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Cli.Rendering;
using TransformFramework.Engine.Models;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Reports;

namespace TransformFramework.Cli.Commands;

/// <summary>Writes a model in another format.</summary>
internal static class ConvertCommand
{
    private static readonly ModelArguments Model = new();
    private static readonly OutputArguments Output = new();
    private static readonly Option<string> Inputs = new("--inputs") { HelpName = "A,B", Description = "Names of the inputs; without it the signature's, or the placeholders" };
    private static readonly Option<string> Outputs = new("--outputs") { HelpName = "A,B", Description = "Names of the outputs; without it the signature's, or all nodes without a consumer" };

    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("convert", "Writes a model in another format") { Inputs, Outputs };
        Model.AddTo(command);
        Output.AddTo(command);
        command.SetAction(parsed => Run(new(parsed, cancellation)));
        return command;
    }

    private static int Run(CommandContext context)
    {
        string path = Model.PathOf(context);
        ModelOutput target = Output.Resolve(context);
        CheckEnding(context, target);
        using LoadedModel model = Model.OpenPath(context, path, context.Value(Outputs));
        string[] outputs = GraphOutputs.Resolve(model.Endpoints, context.Value(Outputs)).Tensors();
        string[] inputs = GraphInputs.ResolveAll(model.Endpoints, context.Value(Inputs)).Tensors();
        WrittenModel written = target.Write(model.Content, new() { Inputs = [.. inputs], Outputs = [.. outputs] }, context.Cancellation, model.Dispose, model.Origin());
        context.Say(written.Diagnostics);
        if (context.IsJson)
            Console.Out.WriteLine(RunReport.Serialize(WrittenModelText.ToReport(written)));
        else if (!context.IsQuiet)
            Console.Out.WriteLine(WrittenModelText.Describe(written));
        return ExitCodes.Done;
    }

    /// <summary>An ending that names no format is a slip here, where the format is all that changes.</summary>
    private static void CheckEnding(CommandContext context, ModelOutput target)
    {
        string ending = Path.GetExtension(target.Path);
        if (context.Has(Output.OutFormat) || target.Format.IsFolder || ending is ".pb" or ".pbtxt" || target.Format.Description.Extensions.Contains(ending, StringComparer.OrdinalIgnoreCase))
            return;
        if (ending.Length == 0 && target.Path == CommandContext.StandardOutput)
            throw CommandException.Usage("--out_graph: standard output has no ending, which would name a format", "Name the format with --out_format=FORMAT.");
        FormatDescription[] known = [.. OutputFormat.All(context.Catalog)];
        throw CommandException.Usage($"--out_graph: no plugin writes files that end in '{ending}'", $"The formats are {string.Join(", ", known.Select(format => $"{format.Name}{(format.Extensions.IsEmpty ? "" : $" ({string.Join(", ", format.Extensions)})")}"))}; --out_format names one.");
    }
}
