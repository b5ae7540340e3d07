using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;

namespace TransformFramework.Quantization.Static;

/// <summary>Which weighted ops are the first after the inputs, and the last before the outputs.</summary>
internal sealed class EndLayers
{
    private readonly HashSet<string> behind = new(StringComparer.Ordinal);
    private readonly HashSet<string> before = new(StringComparer.Ordinal);

    public EndLayers(Graph graph, IReadOnlyList<Node> weighted)
    {
        var names = weighted.Select(node => node.Name).ToHashSet(StringComparer.Ordinal);
        var order = ExecutionOrder.Sort(graph).Nodes;
        foreach (Node node in order.Where(node => node.DataInputs.Any(input => names.Contains(input.Node) || behind.Contains(input.Node))))
            behind.Add(node.Name);
        foreach (Node node in order.Reverse().Where(node => graph.ConsumersOf(node).Any(consumer => names.Contains(consumer.Node.Name) || before.Contains(consumer.Node.Name))))
            before.Add(node.Name);
    }

    /// <summary>True when no other weighted op comes before the node.</summary>
    public bool IsFirst(Node node) => !behind.Contains(node.Name);

    /// <summary>True when no other weighted op comes after the node.</summary>
    public bool IsLast(Node node) => !before.Contains(node.Name);
}
