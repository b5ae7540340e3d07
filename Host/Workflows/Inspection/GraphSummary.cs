using System.Globalization;
using TransformFramework.Engine.Models;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Graphs;
using TransformFramework.Toolkit.Ops.Releases;

namespace TransformFramework.Workflows.Inspection;

/// <summary>What a look at a graph tells.</summary>
public sealed record GraphSummary
{
    public required IReadOnlyList<Node> Inputs { get; init; }

    public required IReadOnlyList<Node> Variables { get; init; }

    /// <summary>Nodes without a consumer.</summary>
    public required IReadOnlyList<Node> Outputs { get; init; }

    public required long ConstParameters { get; init; }

    public required long VariableParameters { get; init; }

    public required int ControlEdges { get; init; }

    public required IReadOnlyList<(string Device, int Count)> Devices { get; init; }

    public required IReadOnlyList<(string Op, int Count)> Ops { get; init; }

    public required IReadOnlyList<string> InvalidInputs { get; init; }

    /// <summary>The oldest TensorFlow that reads the graph as it is, and why.</summary>
    public required RequiredRelease Requires { get; init; }

    /// <summary>The oldest release that reads the graph, in a sentence.</summary>
    public string RequirementText => RequirementOf(Requires);

    public static GraphSummary Of(Graph graph) => new()
    {
        Requires = RequiredRelease.Of(graph),
        Inputs = [.. graph.Nodes.Where(node => node.Op == "Placeholder")],
        Variables = [.. graph.Nodes.Where(IsVariable)],
        Outputs = [.. ModelEndpoints.Unconsumed(graph)],
        ConstParameters = graph.Nodes.Where(node => node.Op == "Const").Sum(Elements),
        VariableParameters = graph.Nodes.Where(IsVariable).Sum(Elements),
        ControlEdges = graph.Nodes.Sum(node => node.ControlInputs.Count()),
        Devices = [.. graph.Nodes.Where(node => node.Device.Length > 0).GroupBy(node => node.Device, StringComparer.Ordinal).Select(group => (group.Key, group.Count()))],
        Ops = [.. graph.Nodes.Concat(graph.Functions.Functions.SelectMany(function => function.Nodes))
            .GroupBy(node => node.Op, StringComparer.Ordinal)
            .Select(group => (group.Key, Count: group.Count()))
            .OrderByDescending(op => op.Count)
            .ThenBy(op => op.Key, StringComparer.Ordinal)],
        InvalidInputs = [.. GraphChecks.InvalidInputs(graph).Select(entry => $"'{entry.Node.Name}' reads '{entry.Input}'")],
    };

    internal static string RequirementOf(RequiredRelease required) => (required.Release, required.Reasons) switch
    {
        (null, var lacking) => $"No single release of TensorFlow has all ops and attributes: {TensorFlowRelease.Newest} lacks {string.Join(", ", lacking)}.",
        ({ } release, []) => $"Every TensorFlow from {release.Version} on reads the graph.",
        ({ } release, var lacking) => $"Needs TensorFlow {release.Version} or newer, for {string.Join(", ", lacking)}.",
    };

    /// <summary>A count for people: 999, 1.50k, 23.85M.</summary>
    public static string Readable(long count)
    {
        string[] units = ["", "k", "M", "B", "T"];
        double value = count;
        int unit = 0;
        for (; value >= 1000 && unit < units.Length - 1; unit++)
            value /= 1000;
        return unit == 0 ? count.ToString(CultureInfo.InvariantCulture) : value.ToString("F2", CultureInfo.InvariantCulture) + units[unit];
    }

    public static string Describe(Node node)
    {
        DataType type = node.TypeAttribute("dtype") ?? DataType.Invalid;
        string shape = node.Attributes.TryGetValue("shape", out var value) && value is ShapeValue known ? known.Value.ToString() : "None";
        return $"(name={node.Name}, type={type.Name()}({(int)type}), shape={shape})";
    }

    private static bool IsVariable(Node node) => node.Op is "Variable" or "VariableV2" or "VarHandleOp";

    private static long Elements(Node node)
    {
        try
        {
            return Math.Max(0, node.TensorAttribute("value")?.ElementCount ?? 0);
        }
        catch (OverflowException)
        {
            return 0;
        }
    }
}
