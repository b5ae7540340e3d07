using TransformFramework.Graphs;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Static;

/// <summary>
/// Ranges that training left in the graph: FakeQuant ops on activations. They are taken out, their consumers read what they read; on weights they stay, since they belong to the weights' values.
/// </summary>
internal static class FakeQuantRanges
{
    /// <summary>The graph without FakeQuant on activations, and the range of each tensor that had one.</summary>
    public static (Graph Graph, Dictionary<string, ActivationRange> Ranges) TakeOut(Graph graph, TransformContext context)
    {
        var constants = new ConstantValues(graph, context);
        var ranges = new Dictionary<string, ActivationRange>(StringComparer.Ordinal);
        var passed = new Dictionary<string, NodeInput>(StringComparer.Ordinal);
        foreach (Node node in graph.Nodes)
        {
            if (node.Op.StartsWith("FakeQuantWithMinMax", StringComparison.Ordinal) && !node.Op.EndsWith("Gradient", StringComparison.Ordinal) && !constants.IsConstant(node.Inputs[0]) && RangeOf(node, constants) is { } range)
            {
                ranges[NodeInput.Data(node.Inputs[0].Node, node.Inputs[0].Port).Text] = range;
                passed[node.Name] = node.Inputs[0];
            }
        }
        if (passed.Count == 0)
            return (graph, ranges);
        context.Count("ranges of the graph", ranges.Count);
        return (graph.Where(node => !passed.ContainsKey(node.Name) || context.IsOutput(node)).Select(node => Passing(node, passed)), ranges);
    }

    private static Node Passing(Node node, Dictionary<string, NodeInput> passed)
    {
        if (passed.ContainsKey(node.Name))
            return new Node(node.Name, "Identity", Behind(node.Name, passed)).With("T", DataType.Float);
        return node.Inputs.Any(input => passed.ContainsKey(input.Node))
            ? node with { Inputs = [.. node.Inputs.Select(input => !passed.ContainsKey(input.Node) ? input : input.IsControl ? NodeInput.Control(Behind(input.Node, passed).Node) : Behind(input.Node, passed))] }
            : node;
    }

    private static NodeInput Behind(string name, Dictionary<string, NodeInput> passed)
    {
        NodeInput input = passed[name];
        while (passed.TryGetValue(input.Node, out var further))
            input = further;
        return input;
    }

    private static ActivationRange? RangeOf(Node node, ConstantValues constants)
    {
        if (node.Op == "FakeQuantWithMinMaxArgs")
            return ActivationRange.Of(node.Float("min", -6), node.Float("max", 6));
        return constants.FindFloat(node.Inputs[1]) is { ElementCount: > 0 } min && constants.FindFloat(node.Inputs[2]) is { ElementCount: > 0 } max
            ? ActivationRange.Of(Smallest(min), Largest(max))
            : null;
    }

    private static float Smallest(Tensor tensor) => tensor.AsSpan<float>().ToArray().Min();

    private static float Largest(Tensor tensor) => tensor.AsSpan<float>().ToArray().Max();
}
