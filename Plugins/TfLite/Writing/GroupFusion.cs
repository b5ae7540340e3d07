using TransformFramework.Graphs;
using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite.Writing;

/// <summary>
/// Joins the layers of a convolution in groups, which graphs have one by one: <c>SPLIT, CONV_2D for each part, CONCATENATION</c> of channels become one CONV_2D whose weights have the channels of a
/// group. All parts must have the same options, scales of data and of results.
/// </summary>
internal static class GroupFusion
{
    private const int Channels = 3;

    public static void Run(SubgraphDraft graph)
    {
        var uses = new Uses(graph);
        foreach (OperatorDraft joined in graph.Operators.ToArray().Where(op => op.Name == "CONCATENATION" && op.Outputs[0].Rank == 4 && op.Options.Int("axis") is -1 or Channels && op.Options.Int("activation") == 0))
            Fuse(graph, uses, joined);
        DeadOperators.Remove(graph);
    }

    private static void Fuse(SubgraphDraft graph, Uses uses, OperatorDraft joined)
    {
        OperatorDraft[] layers = [.. joined.Inputs.Select(uses.Producer).OfType<OperatorDraft>().Where(op => op.Name == "CONV_2D" && uses.OnlyConsumer(op.Outputs[0]) == joined)];
        if (layers.Length < 2 || layers.Length != joined.Inputs.Count || uses.Producer(layers[0].Inputs[0]) is not { Name: "SPLIT" } split)
            return;
        bool isWhole = split.Inputs[0]!.Constant?.AsSpan<int>()[0] is -1 or Channels && layers.Select(layer => layer.Inputs[0]).SequenceEqual(split.Outputs);
        if (!isWhole || !Array.TrueForAll(layers, layer => IsLike(layer, layers[0], joined.Outputs[0])))
            return;
        TensorDraft weights = Joined([.. layers.Select(layer => layer.Inputs[1]!)]);
        List<TensorDraft?> inputs = [split.Inputs[1], weights];
        if (layers[0].Inputs.ElementAtOrDefault(2) is not null)
            inputs.Add(Joined([.. layers.Select(layer => layer.Inputs[2]!)]));
        var grouped = new OperatorDraft(layers[0].Schema, inputs, [joined.Outputs[0]], layers[0].Options);
        graph.Operators.InsertBefore(joined, grouped);
        uses.Remove(joined);
        uses.Add(grouped);
    }

    private static bool IsLike(OperatorDraft layer, OperatorDraft first, TensorDraft result)
    {
        string[] options = ["padding", "stride_w", "stride_h", "dilation_w", "dilation_h", "activation"];
        bool isSame = options.All(option => layer.Options.Int(option) == first.Options.Int(option)) && layer.Inputs[1] is { Constant: not null } weights && weights.Type == first.Inputs[1]!.Type
            && weights.Shape.SequenceEqual(first.Inputs[1]!.Shape) && IsPerTensor(weights) == IsPerTensor(first.Inputs[1]!);
        TensorDraft? bias = layer.Inputs.ElementAtOrDefault(2);
        bool hasBias = (bias is null) == (first.Inputs.ElementAtOrDefault(2) is null) && (bias is null || (bias.Constant is not null && bias.Type == first.Inputs[2]!.Type));
        return isSame && hasBias && HasRangeOf(layer.Inputs[0]!, first.Inputs[0]!) && HasRangeOf(layer.Outputs[0], result) && layer.Outputs[0].Type == result.Type;
    }

    private static bool IsPerTensor(TensorDraft weights) => weights.Quantization?.IsPerTensor ?? true;

    private static bool HasRangeOf(TensorDraft tensor, TensorDraft other) => tensor.Quantization is null || other.Quantization is null
        ? tensor.Quantization is null && other.Quantization is null
        : tensor.Quantization.Scales.SequenceEqual(other.Quantization.Scales) && tensor.Quantization.ZeroPoints.SequenceEqual(other.Quantization.ZeroPoints);

    /// <summary>Constants one behind the other along their first dimension, with a scale for each index of it.</summary>
    private static TensorDraft Joined(TensorDraft[] parts)
    {
        byte[] bytes = [.. parts.SelectMany(part => part.Constant!.Bytes.ToArray())];
        TensorShape shape = parts[0].Constant!.Shape;
        Tensor all = Tensor.FromContent(parts[0].Constant!.Type, TensorShape.Of([shape[0] * parts.Length, .. shape.Dimensions[1..]]), bytes);
        if (parts[0].Quantization is null)
            return TensorDraft.Of(parts[0].Name, all);
        IEnumerable<T> Spread<T>(TensorDraft part, IReadOnlyList<T> values) => values.Count == 1 ? Enumerable.Repeat(values[0], part.Shape[0]) : values;
        return TensorDraft.Of(parts[0].Name, all, new([.. parts.SelectMany(part => Spread(part, part.Quantization!.Scales))], [.. parts.SelectMany(part => Spread(part, part.Quantization!.ZeroPoints))], 0));
    }
}
