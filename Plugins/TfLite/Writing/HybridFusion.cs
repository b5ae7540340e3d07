using TransformFramework.Graphs;
using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite.Writing;

/// <summary>
/// Lets layers of real data read their 8-bit weights as they are (hybrid operators, which round the data to 8 bits row by row); small ones become float constants. Data that were 8 bits
/// before stay real values with a DEQUANTIZE on the weights.
/// </summary>
internal static class HybridFusion
{
    /// <summary>Weights with fewer elements stay float.</summary>
    private const int FewestElements = 1024;

    private const int Levels = 127;

    public static void Run(SubgraphDraft graph, ModelWriter model)
    {
        var uses = new Uses(graph);
        foreach (OperatorDraft op in graph.Operators.ToArray().Where(op => op.Name is "CONV_2D" or "DEPTHWISE_CONV_2D" or "FULLY_CONNECTED" or "BATCH_MATMUL" or "TRANSPOSE_CONV"))
        {
            if (uses.Producer(op.Inputs[1]) is not { Name: "DEQUANTIZE" } dequantize || dequantize.Inputs[0] is not { Type: TensorType.Int8, Constant: { } constant, Quantization: { } quantization } weights)
                continue;
            TensorDraft data = op.Inputs[op.Name == "TRANSPOSE_CONV" ? 2 : 0]!;
            bool? isAsymmetric = model.IsAsymmetric(data);
            if (isAsymmetric is null && (WasQuantized(uses, data) || quantization.ZeroPoints.Any(zero => zero != 0) || op.Name is "TRANSPOSE_CONV" or "BATCH_MATMUL"))
                continue;
            if (isAsymmetric is null && constant.ElementCount < FewestElements)
            {
                uses.SetInput(op, 1, TensorDraft.Of(weights.Name, Reading.RealValues.Of(constant, quantization, quantization.Dimension)));
                continue;
            }
            bool isByTensor = isAsymmetric is null && op.Name == "FULLY_CONNECTED" && !quantization.IsPerTensor;
            uses.SetInput(op, 1, isByTensor ? ByTensor(weights) : op.Name is "CONV_2D" or "DEPTHWISE_CONV_2D" && isAsymmetric is null ? ByChannel(weights, op.Name) : weights);
            if (op.Name is "FULLY_CONNECTED" or "BATCH_MATMUL")
                op.Set("asymmetric_quantize_inputs", isAsymmetric ?? true);
        }
        DeadOperators.Remove(graph);
    }

    /// <summary>True when the data come from 8 bits, through what moves them.</summary>
    private static bool WasQuantized(Uses uses, TensorDraft data) => uses.Producer(data) is { } producer && (producer.Name == "DEQUANTIZE" || (producer.Name == "MUL" && producer.Inputs.Exists(input => uses.Producer(input) is { Name: "CAST" }))
        || (producer.Name is "RESHAPE" or "TRANSPOSE" or "PAD" && WasQuantized(uses, producer.Inputs[0]!)));

    /// <summary>Weights with one scale: hybrid products of matrices with several run in late interpreters only.</summary>
    private static TensorDraft ByTensor(TensorDraft weights)
    {
        Tensor real = Reading.RealValues.Of(weights.Constant!, weights.Quantization!, weights.Quantization!.Dimension);
        float largest = 0;
        foreach (float value in real.AsSpan<float>())
            largest = Math.Max(largest, Math.Abs(value));
        float scale = largest > 0 ? largest / Levels : 1;
        Tensor quantized = Tensor.Allocate<sbyte>(DataType.Int8, real.Shape, out var elements);
        ReadOnlySpan<float> values = real.AsSpan<float>();
        for (int i = 0; i < elements.Length; i++)
            elements[i] = (sbyte)Math.Clamp(MathF.Round(values[i] / scale), -Levels, Levels);
        return TensorDraft.Of(weights.Name, quantized, new([scale], [0], 0));
    }

    /// <summary>Convolutions round asymmetrically only where weights have a scale for each channel.</summary>
    private static TensorDraft ByChannel(TensorDraft weights, string op)
    {
        TfLiteQuantization quantization = weights.Quantization!;
        int dimension = op == "CONV_2D" ? 0 : 3;
        int channels = weights.Shape[dimension];
        return quantization.IsPerTensor && channels > 1
            ? TensorDraft.Of(weights.Name, weights.Constant!, new([.. Enumerable.Repeat(quantization.Scale, channels)], [.. Enumerable.Repeat(0L, channels)], dimension))
            : weights;
    }
}
