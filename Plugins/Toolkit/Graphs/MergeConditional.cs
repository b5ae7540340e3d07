using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Graphs;

/// <summary>A conditional of Switch and Merge nodes, as a Merge ends it: which condition chooses between its inputs, and what enters its branches.</summary>
/// <param name="Condition">Chooses.</param>
/// <param name="TrueSlot">The Merge's input that is taken when it is true.</param>
/// <param name="Switches">The nodes through which tensors enter the branches.</param>
public sealed record MergeConditional(NodeInput Condition, int TrueSlot, IReadOnlyList<Node> Switches)
{
    /// <summary>What the branches need from around.</summary>
    public IEnumerable<NodeInput> Entering => Switches.Select(entry => entry.Inputs[0]).Prepend(Condition);

    /// <summary>The conditional that a Merge ends, or null when it has other than two inputs or no condition tells them apart.</summary>
    public static MergeConditional? Of(Graph graph, Node merge)
    {
        NodeInput[] inputs = [.. merge.DataInputs];
        if (inputs.Length != 2)
            return null;
        var sides = inputs.Select(input => Entries(graph, input)).ToArray();
        foreach (string condition in sides.SelectMany(side => side).Select(entry => ConditionOf(graph, entry.Switch)).Distinct(StringComparer.Ordinal))
        {
            int?[] ports = [.. sides.Select(side => PortOf(graph, side, condition))];
            bool tellsApart = ports[0] is { } first && ports[1] is { } second && first != second && first >= 0 && second >= 0;
            if (!tellsApart)
                continue;
            Node[] entries = [.. sides.SelectMany(side => side).Where(entry => ConditionOf(graph, entry.Switch) == condition).Select(entry => entry.Switch).DistinctBy(node => node.Name)];
            return new(entries[0].Inputs[1], ports[0] == 1 ? 0 : 1, entries);
        }
        return null;
    }

    private static int? PortOf(Graph graph, (Node Switch, int Port)[] side, string condition)
    {
        int[] ports = [.. side.Where(entry => ConditionOf(graph, entry.Switch) == condition).Select(entry => entry.Port).Distinct()];
        return ports.Length == 1 ? ports[0] : null;
    }

    /// <summary>What chooses, behind nodes that only pass it on.</summary>
    private static string ConditionOf(Graph graph, Node entry)
    {
        NodeInput condition = entry.Inputs[1];
        while (graph.Find(condition.Node) is { Op: "Identity" } passing)
            condition = passing.Inputs[0];
        return condition.Canonical;
    }

    /// <summary>
    /// The Switch outputs under whose conditions a tensor is computed, those that only order it included. A Merge ends the condition that tells its own inputs apart: what is behind it comes under
    /// those that all its inputs have in common.
    /// </summary>
    private static (Node Switch, int Port)[] Entries(Graph graph, NodeInput tensor)
    {
        var known = new Dictionary<string, (Node Switch, int Port)[]>(StringComparer.Ordinal);
        var open = new Stack<(Node Node, bool IsDone)>();
        if (graph.Find(tensor.Node) is { } last)
            open.Push((last, false));
        while (open.TryPop(out var entry))
        {
            if (entry.IsDone)
            {
                known[entry.Node.Name] = Combined(graph, entry.Node, known);
                continue;
            }
            if (!known.TryAdd(entry.Node.Name, []))
                continue;
            open.Push((entry.Node, true));
            foreach (Node before in entry.Node.Inputs.Select(input => graph.Find(input.Node)).OfType<Node>())
                open.Push((before, false));
        }
        return Behind(graph, tensor, known);
    }

    private static (Node Switch, int Port)[] Combined(Graph graph, Node node, Dictionary<string, (Node Switch, int Port)[]> known)
    {
        (Node Switch, int Port)[][] inputs = [.. node.Inputs.Select(input => Behind(graph, input, known))];
        IEnumerable<(Node Switch, int Port)> all = inputs.SelectMany(entries => entries).DistinctBy(entry => (entry.Switch.Name, entry.Port));
        return node.Op is "Merge" or "RefMerge"
            ? [.. all.Where(entry => Array.TrueForAll(inputs, side => side.Any(other => other.Port == entry.Port && ConditionOf(graph, other.Switch) == ConditionOf(graph, entry.Switch))))]
            : [.. all];
    }

    private static (Node Switch, int Port)[] Behind(Graph graph, NodeInput tensor, Dictionary<string, (Node Switch, int Port)[]> known)
    {
        (Node Switch, int Port)[] entries = known.GetValueOrDefault(tensor.Node) ?? [];
        return graph.Find(tensor.Node) is { Op: "Switch" or "RefSwitch" } entry ? [.. entries, (entry, tensor.Port)] : entries;
    }
}
