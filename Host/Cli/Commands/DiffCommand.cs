using System.CommandLine;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Engine.Models;
using TransformFramework.Graphs;
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
        using LoadedModel left = Model.OpenPath(context, context.RequiredPath(Left));
        using LoadedModel right = Model.OpenPath(context, context.RequiredPath(Right));
        List<string> differences = [.. Differences(left.Graph, right.Graph)];
        if (context.IsJson)
        {
            Console.Out.WriteLine(RunReport.Serialize(new { schema_version = 1, equal = differences.Count == 0, differences }));
            return differences.Count == 0 ? ExitCodes.Done : ExitCodes.Failed;
        }
        foreach (string difference in differences)
            Console.Out.WriteLine(difference);
        Console.Out.WriteLine(differences.Count == 0 ? "Graphs are equal." : $"{differences.Count} nodes differ.");
        return differences.Count == 0 ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static IEnumerable<string> Differences(Graph left, Graph right)
    {
        var options = new GraphTextOptions { MaxElements = 8 };
        foreach (Node node in left.Nodes)
        {
            if (!right.TryFind(node.Name, out var other))
                yield return $"- {GraphText.Print(node, options).TrimEnd()}";
            else if (Difference(node, other) is { } field)
                yield return $"! {node.Name}: {field}\n  - {GraphText.Print(node, options).TrimEnd()}\n  + {GraphText.Print(other, options).TrimEnd()}";
        }
        foreach (Node node in right.Nodes.Where(node => !left.TryFind(node.Name, out _)))
            yield return $"+ {GraphText.Print(node, options).TrimEnd()}";
    }

    private static string? Difference(Node left, Node right)
    {
        if (left.Op != right.Op)
            return "ops differ";
        if (left.Device != right.Device)
            return "devices differ";
        if (!left.DataInputs.Select(input => input.Canonical).SequenceEqual(right.DataInputs.Select(input => input.Canonical)))
            return "inputs differ";
        if (!left.ControlInputs.Select(input => input.Node).ToHashSet(StringComparer.Ordinal).SetEquals(right.ControlInputs.Select(input => input.Node)))
            return "control inputs differ";
        var names = left.Attributes.Keys.Union(right.Attributes.Keys).Where(name => !name.StartsWith('_'));
        return names.FirstOrDefault(name => !Same(left, right, name)) is { } attribute ? $"attribute {attribute} differs" : null;
    }

    private static bool Same(Node left, Node right, string name) =>
        left.Attributes.TryGetValue(name, out var x) && right.Attributes.TryGetValue(name, out var y)
        && (x is TensorValue tx && y is TensorValue ty ? tx.Value.ContentEquals(ty.Value) : x.Equals(y));
}
