using System.CommandLine;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Engine.Models;
using TransformFramework.Workflows.Inspection;
using TransformFramework.Workflows.Reports;

namespace TransformFramework.Cli.Commands;

/// <summary>
/// Compares two graphs as the original's compare_graphs does: by node name, whatever the order, versions and library aside; control inputs as a set; attributes whose
/// names begin with an underscore do not count. Every difference is listed.
/// </summary>
internal static class DiffCommand
{
    private static readonly ModelArguments Model = new();
    private static readonly Argument<string> Left = new("a") { Description = "A graph file" };
    private static readonly Argument<string> Right = new("b") { Description = "Another graph file" };

    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("diff", "Compares two graphs node by node") { Left, Right };
        Model.AddChoicesTo(command);
        command.Aliases.Add("compare_graphs");
        command.SetAction(parsed => Run(new(parsed, cancellation)));
        return command;
    }

    private static int Run(CommandContext context)
    {
        using LoadedModel left = Model.OpenPath(context, context.RequiredPath(Left), acceptsFlaws: true, isOneOfTwo: true);
        using LoadedModel right = Model.OpenPath(context, context.RequiredPath(Right), acceptsFlaws: true, isOneOfTwo: true);
        List<NodeDifference> differences = [.. GraphDifferences.Of(left.Graph, right.Graph)];
        if (context.IsJson)
        {
            Console.Out.WriteLine(RunReport.Serialize(new { schema_version = 1, equal = differences.Count == 0, differences = differences.Select(difference => new { name = difference.Name, kind = difference.Kind, a = difference.Left, b = difference.Right }) }));
            return differences.Count == 0 ? ExitCodes.Done : ExitCodes.Failed;
        }
        foreach (NodeDifference difference in differences)
            Console.Out.WriteLine(Text(difference));
        Console.Out.WriteLine(differences.Count == 0 ? "Graphs are equal." : $"{differences.Count} node{(differences.Count == 1 ? " differs" : "s differ")}.");
        return differences.Count == 0 ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static string Text(NodeDifference difference) => difference switch
    {
        { Right: null } => $"- {difference.Left}",
        { Left: null } => $"+ {difference.Right}",
        _ => $"! {difference.Name}: {difference.Kind}\n  - {difference.Left}\n  + {difference.Right}",
    };
}
