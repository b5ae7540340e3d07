using TransformFramework.Graphs;

namespace TransformFramework.Onnx.Writing;

/// <summary>A conditional of the older kind, as a Merge ends it: which condition chooses between its inputs, and what enters its branches.</summary>
/// <param name="Condition">Chooses.</param>
/// <param name="TrueSlot">The Merge's input that is taken when it is true.</param>
/// <param name="Switches">The nodes through which tensors enter the branches.</param>
internal sealed record Conditional(NodeInput Condition, int TrueSlot, IReadOnlyList<Node> Switches)
{
    /// <summary>What the branches need from around.</summary>
    public IEnumerable<NodeInput> Entering => Switches.Select(entry => entry.Inputs[0]).Prepend(Condition);

    /// <exception cref="ModelFiles.ModelFormatException">No condition tells the inputs apart.</exception>
    public static Conditional Of(Graph graph, Node merge)
    {
        NodeInput[] inputs = [.. merge.DataInputs];
        if (inputs.Length != 2)
            throw OnnxDiagnostics.Decline("a merge of other than two branches");
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
        throw OnnxDiagnostics.Decline("the merge has no condition that tells its branches apart");
    }

    private static int? PortOf(Graph graph, List<(Node Switch, int Port)> side, string condition)
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

    /// <summary>The Switch outputs that a tensor comes from, those that only order it included.</summary>
    private static List<(Node Switch, int Port)> Entries(Graph graph, NodeInput tensor)
    {
        var entries = new List<(Node Switch, int Port)>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<NodeInput>([tensor]);
        while (open.TryPop(out NodeInput input))
        {
            if (!seen.Add(input.Canonical) || graph.Find(input.Node) is not { } node)
                continue;
            if (node.Op is "Switch" or "RefSwitch")
                entries.Add((node, input.Port));
            foreach (NodeInput before in node.Inputs)
                open.Push(before);
        }
        return entries;
    }
}
