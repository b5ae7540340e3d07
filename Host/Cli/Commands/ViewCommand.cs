using System.CommandLine;
using System.IO.Enumeration;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Engine.Models;
using TransformFramework.Graphs;
using TransformFramework.Workflows.Reports;

namespace TransformFramework.Cli.Commands;

/// <summary>Prints a graph in its compact text form.</summary>
internal static class ViewCommand
{
    private const int ShownElements = 16;

    private static readonly ModelArguments Model = new();
    private static readonly Option<string> Op = new("--op") { HelpName = "OP", Description = "Only nodes of this op" };
    private static readonly Option<string> Name = new("--name") { HelpName = "GLOB", Description = "Only nodes whose names match; * and ? are wildcards" };

    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("view", "Prints a graph, one node a line") { Op, Name };
        Model.AddTo(command);
        command.SetAction(parsed => Run(new(parsed, cancellation)));
        return command;
    }

    private static int Run(CommandContext context)
    {
        using LoadedModel model = Model.Open(context, acceptsFlaws: true);
        string? op = context.Value(Op);
        string? name = context.Value(Name);
        var options = new GraphTextOptions { MaxElements = ShownElements };
        var nodes = model.Graph.Nodes.Where(node => (op is null || node.Op == op) && (name is null || FileSystemName.MatchesSimpleExpression(name, node.Name, ignoreCase: false)));
        if (context.IsJson)
        {
            Console.Out.WriteLine(RunReport.Serialize(new
            {
                schema_version = 1,
                nodes = nodes.Select(node => new { name = node.Name, op = node.Op, inputs = node.Inputs.Select(input => input.Text), device = node.Device, text = GraphText.Print(node, options) }),
            }));
            return ExitCodes.Done;
        }
        foreach (Node node in nodes)
            Console.Out.WriteLine(GraphText.Print(node, options).TrimEnd());
        return ExitCodes.Done;
    }
}
