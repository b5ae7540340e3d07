using TransformFramework.Graphs;

namespace TransformFramework.Workflows.Inspection;

/// <summary>A node that two graphs do not have alike.</summary>
/// <param name="Name">The node's name.</param>
/// <param name="Kind">What differs.</param>
/// <param name="Left">The node of the first graph as text; null when it has none.</param>
/// <param name="Right">The node of the second graph as text; null when it has none.</param>
public sealed record NodeDifference(string Name, string Kind, string? Left, string? Right);

/// <summary>
/// Compares two graphs as the original's compare_graphs does: by node name, whatever the order, versions and library aside; control inputs as a set; attributes whose names begin with an underscore do not
/// count.
/// </summary>
public static class GraphDifferences
{
    private static readonly GraphTextOptions Options = new() { MaxElements = 8 };

    /// <summary>Every difference: nodes of the first graph in its order, then those that only the second has.</summary>
    public static IEnumerable<NodeDifference> Of(Graph left, Graph right)
    {
        foreach (Node node in left.Nodes)
        {
            if (!right.TryFind(node.Name, out var other))
                yield return new(node.Name, "only in the first graph", Print(node), null);
            else if (Difference(node, other) is { } field)
                yield return new(node.Name, field, Print(node), Print(other));
        }
        foreach (Node node in right.Nodes.Where(node => !left.TryFind(node.Name, out _)))
            yield return new(node.Name, "only in the second graph", null, Print(node));
    }

    private static string Print(Node node) => GraphText.Print(node, Options).TrimEnd();

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
