using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Classic;

/// <summary>
/// Says of each fused convolution with bias what type its bias has. Behind another fused convolution, whose range is constant, a bias b becomes qint32 values in units of the products:
/// b·255·127 / (max(|min_input|, |max_input|)·max(|min_filter|, |max_filter|)), truncated; elsewhere it stays float.
/// </summary>
internal static class FusedBias
{
    private const double Unsigned = 255;
    private const double SignedLevels = 127;
    private const int Bias = 2;
    private const int FilterRange = 5;

    /// <summary>Where the original looks for a producer's range: that of ops with bias.</summary>
    private const int ResultRange = 7;

    public static Graph Quantize(Graph graph, TransformContext context)
    {
        var biases = new Dictionary<Node, Node>(ReferenceEqualityComparer.Instance);
        var typed = new Dictionary<Node, Node>(ReferenceEqualityComparer.Instance);
        foreach (Node node in graph.Nodes.Where(HasBias))
        {
            bool quantizes = graph.Find(node.Inputs[0].Node) is { } producer && IsFused(producer) && TryQuantize(graph, node, producer, biases, context);
            typed[node] = node.With("Tbias", quantizes ? DataType.QInt32 : DataType.Float);
        }
        return graph.Select(node => typed.GetValueOrDefault(node) ?? biases.GetValueOrDefault(node) ?? node);
    }

    private static bool IsFused(Node node) => node.Op.StartsWith("QuantizedConv2D", StringComparison.Ordinal) && node.Op.EndsWith("AndRequantize", StringComparison.Ordinal);

    private static bool HasBias(Node node) => IsFused(node) && node.Op.Contains("WithBias", StringComparison.Ordinal) && node.TypeAttribute("Tbias") is null or DataType.Float;

    private static bool TryQuantize(Graph graph, Node node, Node producer, Dictionary<Node, Node> biases, TransformContext context)
    {
        bool isShifted = !context.IsVerbatim && !producer.Op.Contains("WithBias", StringComparison.Ordinal);
        int range = isShifted ? ResultRange - 1 : ResultRange;
        double levels = !context.IsVerbatim && producer.TypeAttribute("out_type") == DataType.QInt8 ? SignedLevels : Unsigned;
        Node? bias = Constant(graph, node, Bias);
        float[] inputs = Magnitudes(graph, producer, range);
        double[] scales = [.. Magnitudes(graph, node, FilterRange).Select(filter => levels * SignedLevels / ((double)inputs.FirstOrDefault(1) * filter))];
        if (bias is null || inputs.Length == 0 || scales.Length == 0)
            return Stays(node, "the bias or a range is not a float constant", context);
        if (!context.IsVerbatim && (!scales.All(double.IsFinite) || !bias.FloatConstant().ToSingles().All(float.IsFinite)))
            return Stays(node, "the bias or a range is empty or not finite", context);
        if (!context.IsVerbatim && (graph.ConsumersOf(bias).Length > 1 || context.OutputNames.Contains(bias.Name)))
            return Stays(node, $"'{bias.Name}' is read elsewhere too", context);
        biases[bias] = bias.With("dtype", DataType.QInt32).With("value", Quantized(bias.FloatConstant(), scales));
        context.Count("biases quantized");
        return true;
    }

    private static bool Stays(Node node, string reason, TransformContext context)
    {
        if (context.IsVerbatim)
            throw new TransformException(StatusKind.Aborted, $"the bias of '{node.Name}' ({node.Op}) cannot be quantized: {reason}", node.Name);
        context.Explain(node.Name, $"its bias stays float: {reason}");
        return false;
    }

    private static Tensor Quantized(Tensor bias, double[] scales)
    {
        Tensor quantized = Tensor.Allocate<int>(DataType.QInt32, bias.Shape, out var elements);
        ReadOnlySpan<float> numbers = bias.AsSpan<float>();
        for (int i = 0; i < elements.Length; i++)
            elements[i] = (int)Math.Clamp(numbers[i] * scales[i % scales.Length], int.MinValue, int.MaxValue);
        return quantized;
    }

    /// <summary>The larger distance from zero of a constant range's two ends, for each channel where they are vectors; empty when they are not constant.</summary>
    private static float[] Magnitudes(Graph graph, Node node, int input)
    {
        if (Constant(graph, node, input) is not { } min || Constant(graph, node, input + 1) is not { } max)
            return [];
        return [.. min.FloatConstant().ToSingles().Zip(max.FloatConstant().ToSingles(), (low, high) => Math.Max(Math.Abs(low), Math.Abs(high)))];
    }

    private static Node? Constant(Graph graph, Node node, int input) =>
        node.DataInputs.ElementAtOrDefault(input) is { Text: not null } reference && graph.Find(reference.Node) is { Op: "Const" } constant
            && constant.TensorAttribute("value") is { Type: DataType.Float, IsDecodable: true }
            ? constant
            : null;
}
