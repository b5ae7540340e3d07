using TransformFramework.Graphs;
using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite.Writing;

/// <summary>
/// Computes on int16 what layers compute between a DEQUANTIZE and a QUANTIZE of int16: data and results of 16 bits about 0, weights of int8, biases of 64 bits in units of the products.
/// Products of matrices have one scale for all weights, since interpreters have no kernel for more.
/// </summary>
internal static class WideFusion
{
    /// <summary>Rewrites a subgraph.</summary>
    public static void Run(SubgraphDraft graph)
    {
        var uses = new Uses(graph);
        foreach (OperatorDraft op in graph.Operators.ToArray().Where(op => op.Name is "CONV_2D" or "DEPTHWISE_CONV_2D" or "FULLY_CONNECTED"))
            Rewrite(uses, op);
        DeadOperators.Remove(graph);
    }

    private static void Rewrite(Uses uses, OperatorDraft op)
    {
        if (op.Outputs is not [{ Type: TensorType.Float32 } real] || !uses.AreAll(real, "QUANTIZE") || uses.Consumers(real) is not [var quantize] || quantize.Outputs[0] is not { Type: TensorType.Int16 } result)
            return;
        bool isWide = uses.Producer(op.Inputs[0]) is { Name: "DEQUANTIZE" } from && from.Inputs[0] is { Type: TensorType.Int16, Constant: null, Quantization.IsPerTensor: true };
        if (!isWide || uses.Producer(op.Inputs[1]) is not { Name: "DEQUANTIZE" } stored || stored.Inputs[0] is not { Type: TensorType.Int8, Constant: not null, Quantization: { } weights } filter)
            return;
        TensorDraft data = uses.Producer(op.Inputs[0])!.Inputs[0]!;
        TensorDraft? bias = op.Inputs.ElementAtOrDefault(2);
        bool fits = weights.ZeroPoints.All(zero => zero == 0) && bias is null or { Constant.Type: DataType.Float } && (op.Name != "FULLY_CONNECTED" || weights.IsPerTensor);
        if (!fits)
            return;
        int channels = op.Name == "DEPTHWISE_CONV_2D" ? filter.Shape[3] : filter.Shape[0];
        uses.SetInput(op, 2, Bias(bias, channels, data.Quantization!.Scale, weights, real.Name + "/bias"));
        uses.SetInput(op, 0, data);
        uses.SetInput(op, 1, filter);
        uses.Remove(quantize);
        uses.SetOutput(op, 0, result);
    }

    /// <summary>A bias in units of the products; zeros where there is none.</summary>
    private static TensorDraft Bias(TensorDraft? real, int channels, float scale, TfLiteQuantization weights, string name)
    {
        float[] scales = [.. weights.Scales.Select(own => (float)((double)own * scale))];
        float[] values = real is null ? new float[channels] : real.Constant!.AsSpan<float>().ToArray();
        long[] units = [.. values.Select((value, c) => (long)Math.Round(value / (double)scales[c % scales.Length]))];
        return TensorDraft.Of(real?.Name ?? name, Tensor.Create<long>(DataType.Int64, TensorShape.Of(channels), units), new([.. scales], [.. scales.Select(_ => 0L)], 0));
    }
}
