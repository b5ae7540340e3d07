using System.CommandLine;
using System.Globalization;
using TransformFramework.Diagnostics;
using TransformFramework.Dsl;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Cli.Rendering;
using TransformFramework.Engine;
using TransformFramework.Engine.Models;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Workflows.Inspection;
using TransformFramework.Workflows.Reports;

namespace TransformFramework.Cli.Commands;

/// <summary>Says what a graph is: likely inputs and outputs, variables, sizes, op counts, and commands to go on with.</summary>
internal static class SummarizeCommand
{
    /// <summary>Ops that give their input as it is, which inference does not need.</summary>
    private static readonly string[] PassingOps = ["Identity", "CheckNumerics"];

    private static readonly ModelArguments Model = new();
    private static readonly Option<string> PrintStructure = CommonOptions.Flag("--print_structure", "List the nodes in execution order");

    private const int ListedInputs = 5;

    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("summarize", "Says what a graph is: inputs, outputs, sizes, ops") { PrintStructure };
        Model.AddTo(command);
        command.Aliases.Add("summarize_graph");
        command.SetAction(parsed => Run(new(parsed, cancellation)));
        return command;
    }

    private static int Run(CommandContext context)
    {
        using LoadedModel model = Model.Open(context, acceptsFlaws: true);
        GraphSummary summary = GraphSummary.Of(model.Graph);
        if (context.IsJson)
            Console.Out.WriteLine(RunReport.Serialize(ModelReport.Of(model, summary)));
        else
            Print(summary, model, Choices(context));
        if (context.Has(PrintStructure) && !context.IsJson)
        {
            foreach (Node node in ExecutionOrder.Sort(model.Graph).Nodes)
                Console.Out.WriteLine($"{node.Name} ({node.Op}): [{string.Join(", ", node.Inputs)}]{(node.TensorAttribute("value") is { } value ? $", value={value}" : "")}");
        }
        if (summary.InvalidInputs.Count == 0 && model.Flaws.IsEmpty)
            return ExitCodes.Done;
        if (!model.Flaws.IsEmpty)
        {
            foreach (Diagnostic flaw in model.Flaws)
                Console.Error.WriteLine(DiagnosticRenderer.Render(flaw, null, null));
            return ExitCodes.Failed;
        }
        string more = summary.InvalidInputs.Count > ListedInputs ? $"; and {summary.InvalidInputs.Count - ListedInputs} more" : "";
        var invalid = new CommandException(ExitCodes.Failed, EngineDiagnostics.MissingInputs.With($": {string.Join("; ", summary.InvalidInputs.Take(ListedInputs))}{more}"));
        if (!context.IsJson)
            throw invalid;
        Console.Error.WriteLine(DiagnosticRenderer.Render(invalid.Diagnostic, null, null));
        return invalid.ExitCode;
    }

    /// <summary>The choices within the model as the user gave them, to be repeated in commands.</summary>
    private static string Choices(CommandContext context) => string.Concat(
    [
        .. context.Value(Model.Signature) is { } signature ? [" " + Shell.Option("--signature", signature)] : Array.Empty<string>(),
        .. context.Values(Model.Tag).Select(tag => " " + Shell.Option("--tag", tag)),
        .. context.Values(Model.Set).Select(value => " " + Shell.Option("--set", value)),
    ]);

    private static void Print(GraphSummary summary, LoadedModel model, string choices)
    {
        TextWriter console = Console.Out;
        if (model.Format != "graphdef")
            console.WriteLine($"{model.Format}{(model.Content.Producer.Length > 0 ? $", written by {model.Content.Producer}" : "")}{(model.Content.Tags.IsDefaultOrEmpty ? "" : $", tags {string.Join(", ", model.Content.Tags)}")}");
        if (!model.Content.Signatures.IsEmpty)
            console.WriteLine(SignatureTable.Text(model.Content));
        console.WriteLine(Listed("possible inputs", "inputs", summary.Inputs));
        console.WriteLine(Listed("variables", "variables", summary.Variables));
        console.WriteLine(summary.Outputs.Count == 0
            ? "No outputs spotted."
            : $"Found {summary.Outputs.Count} possible outputs: {string.Concat(summary.Outputs.Select(node => $"(name={node.Name}, op={node.Op}) "))}");
        console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Found {summary.ConstParameters} ({GraphSummary.Readable(summary.ConstParameters)}) const parameters, {summary.VariableParameters} ({GraphSummary.Readable(summary.VariableParameters)}) variable parameters, and {summary.ControlEdges} control_edges"));
        foreach (var (device, count) in summary.Devices)
            console.WriteLine($"{count} nodes assigned to device '{device}'");
        console.WriteLine($"Op types used: {string.Join(", ", summary.Ops.Select(op => $"{op.Count} {op.Op}"))}");
        console.WriteLine(summary.RequirementText);
        string inputs = string.Join(',', model.Endpoints.Inputs.Select(input => input.Name));
        string outputs = string.Join(',', model.Endpoints.Outputs.Select(output => output.Name));
        string graph = Shell.Option("--in_graph", model.Path) + choices;
        string names = $"{Shell.Option("--inputs", inputs)} {Shell.Option("--outputs", outputs)}";
        console.WriteLine("To drop what inference does not need:");
        console.WriteLine($"  transform_graph {graph} --out_graph=out.pb {names} {Shell.Option("--transforms", Script(summary))}");
    }

    private static string Script(GraphSummary summary)
    {
        string[] passing = [.. PassingOps.Where(op => summary.Ops.Any(entry => entry.Op == op))];
        string removal = passing.Length == 0 ? "" : $"remove_nodes({string.Join(", ", passing.Select(op => $"op={op}"))}) ";
        return $"strip_unused_nodes {removal}merge_duplicate_nodes sort_by_execution_order";
    }

    private static string Listed(string title, string none, IReadOnlyList<Node> nodes) => nodes.Count == 0
        ? $"No {none} spotted."
        : $"Found {nodes.Count} {title}: {string.Concat(nodes.Select(node => GraphSummary.Describe(node) + " "))}";
}
