using TransformFramework.Graphs;
using TransformFramework.Toolkit.Graphs;

namespace TransformFramework.Workflows.Benchmarking;

/// <summary>Floating-point operations of products, two for each multiplication with its addition; integer products count alike, other ops not at all.</summary>
public static class FlopCount
{
    /// <summary>Operations of one run: by the shapes that were recorded, else of each node that the outputs need, by the shapes that are known beforehand.</summary>
    /// <param name="graph">The graph and its inputs.</param>
    /// <param name="onlyOriginal">Counts only the ops that the original benchmark_model counted: Conv2D, MatMul and their quantized forms.</param>
    public static long Of(BenchmarkedGraph graph, bool onlyOriginal)
    {
        var shapes = graph.Shapes();
        var recorded = graph.Steps.Nodes.Where(total => total.Flops is not null).ToDictionary(total => total.Node.Name, total => total.Flops!.Value / graph.Steps.Runs, StringComparer.Ordinal);
        var counted = Needed(graph).Where(node => !onlyOriginal || node.Op is "Conv2D" or "QuantizedConv2D" or "MatMul" or "QuantizedMatMul");
        return counted.Sum(node => recorded.TryGetValue(node.Name, out long flops) ? flops : Of(node, [.. node.DataInputs.Select(input => At(shapes, input))], At(shapes, new(node.Name))));
    }

    /// <summary>Operations of a node; 0 where a shape is not known.</summary>
    /// <param name="node">The node.</param>
    /// <param name="inputs">Shapes of its data inputs.</param>
    /// <param name="output">Shape of its first output.</param>
    public static long Of(Node node, IReadOnlyList<TensorShape?> inputs, TensorShape? output)
    {
        if (output is not { IsFullyKnown: true })
            return 0;
        string op = node.Op.TrimStart('_');
        return 2 * op switch
        {
            "Conv2D" or "Conv3D" or "FusedConv2D" => output.ElementCount * Window(inputs, 1, skipped: 1),
            "FusedPadConv2D" => output.ElementCount * Window(inputs, 2, skipped: 1),
            "FusedResizeAndPadConv2D" => output.ElementCount * Window(inputs, 3, skipped: 1),
            "DepthwiseConv2dNative" or "FusedDepthwiseConv2dNative" => output.ElementCount * Window(inputs, 1, skipped: 2),
            "Conv2DBackpropInput" => (Known(inputs, 2)?.ElementCount ?? 0) * Window(inputs, 1, skipped: 1),
            "MatMul" or "FusedMatMul" => output.ElementCount * Inner(inputs, IsSet(node, "transpose_a")),
            "BatchMatMul" or "BatchMatMulV2" => output.ElementCount * Inner(inputs, IsSet(node, "adj_x")),
            _ when op.StartsWith("QuantizedConv2D", StringComparison.Ordinal) => output.ElementCount * Window(inputs, 1, skipped: 1),
            _ when op.StartsWith("QuantizedDepthwiseConv2D", StringComparison.Ordinal) => output.ElementCount * Window(inputs, 1, skipped: 2),
            _ when op.StartsWith("QuantizedMatMul", StringComparison.Ordinal) => output.ElementCount * Inner(inputs, IsSet(node, "transpose_a")),
            _ => 0,
        };
    }

    /// <summary>Elements of a filter over its dimensions without the last ones.</summary>
    private static long Window(IReadOnlyList<TensorShape?> inputs, int index, int skipped) =>
        Known(inputs, index) is { } filter && filter.Rank >= skipped ? filter.Dimensions.Take(filter.Rank - skipped).Aggregate(1L, (product, dimension) => product * dimension) : 0;

    /// <summary>Columns of the first matrix, or its rows when it is transposed.</summary>
    private static long Inner(IReadOnlyList<TensorShape?> inputs, bool isTransposed) => Known(inputs, 0) is { Rank: > 1 } matrix ? matrix[matrix.Rank - (isTransposed ? 2 : 1)] : 0;

    private static TensorShape? Known(IReadOnlyList<TensorShape?> inputs, int index) => index < inputs.Count && inputs[index] is { IsFullyKnown: true } shape ? shape : null;

    private static TensorShape? At(IReadOnlyDictionary<string, TensorShape[]> shapes, NodeInput input) => shapes.TryGetValue(input.Node, out var outputs) && input.Port < outputs.Length ? outputs[input.Port] : null;

    private static bool IsSet(Node node, string attribute) => node.Bool(attribute, otherwise: false);

    private static List<Node> Needed(BenchmarkedGraph graph)
    {
        var fed = graph.Feeds.Keys.Select(name => new NodeInput(name).Canonical).ToHashSet(StringComparer.Ordinal);
        return graph.Graph.Upstream(graph.Outputs.Select(output => new NodeInput(output)), input => !input.IsControl && fed.Contains(input.Canonical));
    }
}
