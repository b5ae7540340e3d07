using TransformFramework.Graphs;

namespace TransformFramework.Host.Benchmarking;

/// <summary>Floating-point operations of products, two for each multiplication with its addition; integer products count alike, other ops not at all.</summary>
internal static class FlopCount
{
    /// <summary>Operations of one run: each node that the outputs need counts once, where its shapes are known beforehand.</summary>
    /// <param name="graph">The graph and its inputs.</param>
    /// <param name="onlyOriginal">Counts only the ops that the original benchmark_model counted: Conv2D, MatMul and their quantized forms.</param>
    public static long Of(BenchmarkedGraph graph, bool onlyOriginal)
    {
        var shapes = graph.Shapes();
        return Needed(graph).Where(node => !onlyOriginal || node.Op is "Conv2D" or "QuantizedConv2D" or "MatMul" or "QuantizedMatMul").Sum(node => Of(node, shapes));
    }

    private static long Of(Node node, IReadOnlyDictionary<string, TensorShape[]> shapes)
    {
        TensorShape?[] inputs = [.. node.DataInputs.Select(input => Known(shapes, input))];
        if (Known(shapes, new NodeInput(node.Name)) is not { } output)
            return 0;
        return 2 * node.Op switch
        {
            "Conv2D" or "Conv3D" => output.ElementCount * Window(At(inputs, 1), skipped: 1),
            "FusedPadConv2D" => output.ElementCount * Window(At(inputs, 2), skipped: 1),
            "FusedResizeAndPadConv2D" => output.ElementCount * Window(At(inputs, 3), skipped: 1),
            "DepthwiseConv2dNative" => output.ElementCount * Window(At(inputs, 1), skipped: 2),
            "Conv2DBackpropInput" => (At(inputs, 2)?.ElementCount ?? 0) * Window(At(inputs, 1), skipped: 1),
            "MatMul" => output.ElementCount * Dimension(At(inputs, 0), IsSet(node, "transpose_a") ? 0 : 1),
            "BatchMatMul" or "BatchMatMulV2" => output.ElementCount * Dimension(At(inputs, 0), (At(inputs, 0)?.Rank ?? 0) - (IsSet(node, "adj_x") ? 2 : 1)),
            string op when op.StartsWith("QuantizedConv2D", StringComparison.Ordinal) => output.ElementCount * Window(At(inputs, 1), skipped: 1),
            string op when op.StartsWith("QuantizedDepthwiseConv2D", StringComparison.Ordinal) => output.ElementCount * Window(At(inputs, 1), skipped: 2),
            string op when op.StartsWith("QuantizedMatMul", StringComparison.Ordinal) => output.ElementCount * Dimension(At(inputs, 0), IsSet(node, "transpose_a") ? 0 : 1),
            _ => 0,
        };
    }

    /// <summary>Elements of a filter over its dimensions without the last ones.</summary>
    private static long Window(TensorShape? filter, int skipped) =>
        filter is null || filter.Rank < skipped ? 0 : filter.Dimensions.Take(filter.Rank - skipped).Aggregate(1L, (product, dimension) => product * dimension);

    private static long Dimension(TensorShape? shape, int index) => shape is not null && index >= 0 && index < shape.Rank ? shape[index] : 0;

    private static TensorShape? At(TensorShape?[] shapes, int index) => index < shapes.Length ? shapes[index] : null;

    private static TensorShape? Known(IReadOnlyDictionary<string, TensorShape[]> shapes, NodeInput input) =>
        shapes.TryGetValue(input.Node, out var outputs) && input.Port < outputs.Length && outputs[input.Port].IsFullyKnown ? outputs[input.Port] : null;

    private static bool IsSet(Node node, string attribute) => node.Attributes.TryGetValue(attribute, out var value) && value is BoolValue { Value: true };

    private static List<Node> Needed(BenchmarkedGraph graph)
    {
        var fed = graph.Feeds.Keys.Select(name => new NodeInput(name).Canonical).ToHashSet(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var found = new List<Node>();
        var open = new Stack<NodeInput>(graph.Outputs.Select(output => new NodeInput(output)));
        while (open.TryPop(out var input))
        {
            if ((!input.IsControl && fed.Contains(input.Canonical)) || !seen.Add(input.Node) || !graph.Graph.TryFind(input.Node, out var node))
                continue;
            found.Add(node);
            foreach (NodeInput next in node.Inputs)
                open.Push(next);
        }
        return found;
    }
}
