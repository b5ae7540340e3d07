using System.CommandLine;
using System.IO.Enumeration;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Dsl.Binding;
using TransformFramework.Engine.Models;
using TransformFramework.Graphs;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Inspection;
using TransformFramework.Workflows.Reports;
using TransformFramework.Workflows.Reports.Html;

namespace TransformFramework.Cli.Commands;

/// <summary>Shows a graph, or a part of it, as text or as a drawing.</summary>
internal static class ViewCommand
{
    private const int ShownElements = 16;

    private static readonly ModelArguments Model = new();
    private static readonly Option<string> Op = new("--op") { HelpName = "OP", Description = "Only nodes of this op" };
    private static readonly Option<string> Name = new("--name") { HelpName = "GLOB", Description = "Only nodes whose names match; * and ? are wildcards" };
    private static readonly Option<string> Around = new("--around") { HelpName = "NODE", Description = "Only this node and those near it" };
    private static readonly Option<string> Depth = new("--depth") { HelpName = "N", Description = "With --around: edges away from the node; 2 without it" };
    private static readonly Option<string> As = new("--as") { HelpName = "text|gtxt|dot|svg|html", Description = "text, one node a line with long tensors cut, without it; gtxt is whole and every command reads it; dot is for Graphviz; svg a drawing; html a page to look around in" };

    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("view", "Shows a graph or a part of it, as text, drawing or page") { Op, Name, Around, Depth, As };
        Model.AddTo(command);
        command.SetAction(parsed => Run(new(parsed, cancellation)));
        return command;
    }

    private static int Run(CommandContext context)
    {
        using LoadedModel model = Model.Open(context, acceptsFlaws: true);
        Graph part = Selected(context, model);
        if (part.Nodes.IsEmpty && !model.Graph.Nodes.IsEmpty)
            context.Say(Nothing(context, model.Graph));
        switch (context.Value(As))
        {
            case null or "text" when context.IsJson:
                PrintJson(part);
                break;
            case null or "text":
                foreach (Node node in part.Nodes)
                    Console.Out.WriteLine(Text(node));
                break;
            case "gtxt":
                GraphText.Write(part, Console.Out);
                break;
            case "dot":
                Console.Out.Write(DotText.Write(part));
                break;
            case "svg":
                Console.Out.Write(SvgDrawing.Write(part.Nodes.Length <= SvgDrawing.MostNodes ? part : throw CommandException.Usage($"a drawing of {part.Nodes.Length} nodes cannot be read", "Use --as=html, or show a part: --around=NODE, --name=GLOB.")));
                break;
            case "html":
                Console.Out.Write(HtmlReport.Write(Page(model, part)));
                break;
            case var other:
                throw CommandException.Usage($"--as: there is no '{other}'", "Write --as=text, gtxt, dot, svg or html.");
        }
        return ExitCodes.Done;
    }

    private static Graph Selected(CommandContext context, LoadedModel model)
    {
        Graph graph = model.Graph;
        string? op = context.Value(Op);
        string? name = context.Value(Name);
        int depth = (int)context.Integer(Depth, otherwise: 2, least: 0, most: int.MaxValue);
        IReadOnlySet<string>? near = context.Value(Around) is { } node ? Neighbourhood.Of(graph, Known(model, node), depth) : null;
        return op is null && name is null && near is null
            ? graph
            : graph.Where(one => (op is null || one.Op == op) && (name is null || FileSystemName.MatchesSimpleExpression(name, one.Name, ignoreCase: false)) && (near is null || near.Contains(one.Name)));
    }

    /// <summary>What to say where no node is left.</summary>
    private static string Nothing(CommandContext context, Graph graph)
    {
        string? nearest = context.Value(Op) is { } op && graph.Nodes.All(node => node.Op != op) ? Suggestions.Nearest(op, graph.Nodes.Select(node => node.Op).Distinct(StringComparer.Ordinal)) : null;
        return $"no node is shown: none of the graph's {graph.Nodes.Length} matches{(nearest is null ? "" : $"; did you mean --op={nearest}?")}";
    }

    private static string Known(LoadedModel model, string name) => (model.Endpoints.FindOutput(name) ?? model.Endpoints.FindInput(name))?.Node ?? throw GraphOutputs.NotFound(model.Endpoints, name, "around");

    private static string Text(Node node) => GraphText.Print(node, new GraphTextOptions { MaxElements = ShownElements }).TrimEnd();

    private static void PrintJson(Graph part) => Console.Out.WriteLine(RunReport.Serialize(new
    {
        schema_version = 1,
        nodes = part.Nodes.Select(node => new { name = node.Name, op = node.Op, inputs = node.Inputs.Select(input => input.Text), device = node.Device, text = Text(node) }),
    }));

    private static Report Page(LoadedModel model, Graph part) => ReportArguments.Begin("view", model.Path) with
    {
        BytesRead = model.FileBytes,
        Summary = [new("Nodes", part.Nodes.Length.ToString(System.Globalization.CultureInfo.InvariantCulture)), new("Inputs", string.Join(", ", model.Endpoints.Inputs.Select(input => input.Name))), new("Outputs", string.Join(", ", model.Endpoints.Outputs.Select(output => output.Name)))],
        Graph = GraphHistory.Single(part, model.Endpoints.Inputs.Tensors(), model.Endpoints.Outputs.Tensors()),
    };
}
