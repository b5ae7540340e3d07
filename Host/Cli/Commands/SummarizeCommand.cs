using System.CommandLine;
using System.Globalization;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Engine.Models;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Workflows.Inspection;
using TransformFramework.Workflows.Reports;

namespace TransformFramework.Cli.Commands;

/// <summary>Says what a graph is: likely inputs and outputs, variables, sizes, op counts, and commands to go on with.</summary>
internal static class SummarizeCommand
{
    private static readonly Option<string> InGraph = CommonOptions.InGraph();
    private static readonly Option<string> PrintStructure = CommonOptions.Flag("--print_structure", "List the nodes in execution order");

    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("summarize", "Says what a graph is: inputs, outputs, sizes, ops") { InGraph, PrintStructure };
        command.Aliases.Add("summarize_graph");
        command.SetAction(parsed => Run(parsed, cancellation));
        return command;
    }

    private static int Run(ParseResult parsed, CancellationToken cancellation)
    {
        string path = PathExpansion.Expand(parsed.Required(InGraph));
        using LoadedModel model = ModelFile.Open(path, cancellation);
        GraphSummary summary = GraphSummary.Of(model.Graph);
        if (parsed.IsJson())
            Console.Out.WriteLine(RunReport.Serialize(summary.ToReport()));
        else
            Print(summary, path);
        if (parsed.Has(PrintStructure) && !parsed.IsJson())
        {
            foreach (Node node in ExecutionOrder.Sort(model.Graph).Nodes)
                Console.Out.WriteLine($"{node.Name} ({node.Op}): [{string.Join(", ", node.Inputs)}]{(node.TensorAttribute("value") is { } value ? $", value={value}" : "")}");
        }
        if (summary.InvalidInputs.Count == 0)
            return ExitCodes.Done;
        throw new CommandException(ExitCodes.Failed, Diagnostics.Diagnostic.Error("TFX4102", $"Invalid graph with inputs referring to nonexistent nodes: {string.Join("; ", summary.InvalidInputs)}"));
    }

    private static void Print(GraphSummary summary, string path)
    {
        TextWriter console = Console.Out;
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
        string inputs = string.Join(',', summary.Inputs.Select(node => node.Name));
        string outputs = string.Join(',', summary.Outputs.Select(node => node.Name));
        console.WriteLine("To drop what inference does not need:");
        console.WriteLine($"  transform_graph --in_graph={path} --out_graph=out.pb --inputs='{inputs}' --outputs='{outputs}' --transforms='strip_unused_nodes remove_nodes(op=Identity, op=CheckNumerics) merge_duplicate_nodes sort_by_execution_order'");
    }

    private static string Listed(string title, string none, IReadOnlyList<Node> nodes) => nodes.Count == 0
        ? $"No {none} spotted."
        : $"Found {nodes.Count} {title}: {string.Concat(nodes.Select(node => GraphSummary.Describe(node) + " "))}";
}
