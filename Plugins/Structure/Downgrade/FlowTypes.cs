using TransformFramework.Graphs;

namespace TransformFramework.Structure.Downgrade;

/// <summary>Types of what carries a list through branches and loops, when a tensor array's flow has taken the list's place: float instead of variant.</summary>
internal static class FlowTypes
{
    private static readonly HashSet<string> Carriers = new(StringComparer.Ordinal) { "Enter", "Merge", "Switch", "NextIteration", "Exit", "Identity", "IdentityN" };

    private static readonly HashSet<string> Flows = new(StringComparer.Ordinal) { "TensorArrayScatterV3", "TensorArrayWriteV3" };

    public static Graph Repair(Graph graph)
    {
        if (!graph.Nodes.Any(node => node.Op == "TensorArrayV3"))
            return graph;
        while (true)
        {
            Graph before = graph;
            graph = before.Select(node => Carriers.Contains(node.Op) ? Repair(before, node) : node);
            if (ReferenceEquals(graph, before))
                return graph;
        }
    }

    private static Node Repair(Graph graph, Node node)
    {
        NodeInput[] inputs = [.. node.DataInputs];
        if (node.Op == "IdentityN" && node.TryTypeList("T", out var types))
        {
            DataType[] repaired = [.. types.Select((type, i) => type == DataType.Variant && IsFlow(graph, inputs[i]) ? DataType.Float : type)];
            return repaired.AsSpan().SequenceEqual(types.AsSpan()) ? node : node.With("T", AttributeValue.Types(repaired));
        }
        return node.Type("T", DataType.Invalid) == DataType.Variant && inputs.Any(input => IsFlow(graph, input)) ? node.With("T", DataType.Float) : node;
    }

    private static bool IsFlow(Graph graph, NodeInput input)
    {
        if (graph.Find(input.Node) is not { } producer)
            return false;
        if (producer.Op == "TensorArrayV3")
            return input.Port == 1;
        if (producer.Op == "IdentityN")
            return producer.TryTypeList("T", out var types) && input.Port >= 0 && input.Port < types.Length && types[input.Port] == DataType.Float;
        return Flows.Contains(producer.Op) || (Carriers.Contains(producer.Op) && producer.Type("T", DataType.Invalid) == DataType.Float);
    }
}
