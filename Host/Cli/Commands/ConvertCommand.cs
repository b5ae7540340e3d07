using System.CommandLine;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Engine.Models;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Reports;

namespace TransformFramework.Cli.Commands;

/// <summary>Writes a graph in the format of another program, which a plugin offers.</summary>
internal static class ConvertCommand
{
    private static readonly Option<string> InGraph = CommonOptions.InGraph();
    private static readonly Option<string> Out = new("--out") { HelpName = "FILE", Description = "File to write; its ending names the format (.onnx)" };
    private static readonly Option<string> Inputs = new("--inputs") { HelpName = "A,B", Description = "Names of the inputs; without it the placeholders" };
    private static readonly Option<string> Outputs = new("--outputs") { HelpName = "A,B", Description = "Names of the outputs; without it what nobody reads" };

    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("convert", "Writes a graph in another format") { InGraph, Out, Inputs, Outputs };
        command.SetAction(parsed => Run(parsed, cancellation));
        return command;
    }

    private static int Run(ParseResult parsed, CancellationToken cancellation)
    {
        string target = PathExpansion.Expand(parsed.Required(Out));
        string format = Path.GetExtension(target).TrimStart('.');
        IModelWriter writer = parsed.Catalog().CreateWriter(format)
            ?? throw CommandException.Usage($"--out: no plugin writes files that end in '.{format}'", "'transform_graph list' shows the formats.");
        using LoadedModel model = ModelFile.Open(PathExpansion.Expand(parsed.Required(InGraph)), cancellation);
        string[] outputs = GraphOutputs.Resolve(model.Graph, parsed.GetValue(Outputs));
        string[] inputs = parsed.GetValue(Inputs) is { } list ? list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) : [.. GraphInputs(model.Graph)];
        long bytes = AtomicFile.Write(target, stream => writer.Write(model.Graph, inputs, outputs, stream, cancellation), beforeReplace: null);
        if (parsed.IsJson())
            Console.Out.WriteLine(RunReport.Serialize(new { schema_version = 1, file = target, format, bytes, inputs, outputs }));
        return ExitCodes.Done;
    }

    private static IEnumerable<string> GraphInputs(Graph graph) => graph.Nodes.Where(node => node.Op is "Placeholder" or "PlaceholderV2").Select(node => node.Name);
}
