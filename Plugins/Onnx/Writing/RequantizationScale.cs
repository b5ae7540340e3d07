using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;

namespace TransformFramework.Onnx.Writing;

/// <summary>
/// Scales of a fused layer, by which runtimes of ONNX multiply its sums with just the float that TensorFlow multiplies them with. TensorFlow computes it from the ends of the ranges, runtimes as
/// data scale · weight scale / result scale; where the two are a last bit apart, a sum near a tie goes to another value, and the layers behind carry that on. The scales of data and result are
/// therefore powers of two, near the true ones, by which products and quotients are exact; the scales of the weights hold the rest. Values that are read as real ones elsewhere have their true scale there.
/// </summary>
/// <param name="Data">Scale of the data.</param>
/// <param name="Weights">Scales of the weights: one, or one for each channel.</param>
/// <param name="Result">Scale of the result.</param>
/// <param name="ResultType">Integers that hold the result.</param>
/// <param name="Requantizer">The node that gives the result.</param>
internal sealed record RequantizationScale(float Data, float[] Weights, float Result, DataType ResultType, NodeWriter Requantizer)
{
    private const float UnsignedLevels = 255;
    private const float SignedLevels = 127;
    private const float QInt32Values = 2147483648;

    /// <summary>Scale of channels whose weights are all 0: no sum comes to a half by it.</summary>
    private const float LeastScale = 1e-30f;

    /// <summary>The scales of a fused op.</summary>
    /// <param name="node">The fused op.</param>
    /// <param name="ranges">Its input that is the lower end of the data's range.</param>
    /// <param name="input">Type of the data.</param>
    /// <param name="result">Type of the result.</param>
    public static RequantizationScale Of(NodeWriter node, int ranges, DataType input, DataType result)
    {
        float inputEnd = QuantizationRange.Magnitudes(node, ranges)[0];
        float resultEnd = QuantizationRange.Magnitudes(node, ranges + 4)[0];
        float divisor = Levels(input) * SignedLevels * resultEnd;
        return Of([.. QuantizationRange.Magnitudes(node, ranges + 2).Select(end => Levels(result) * inputEnd * end / divisor)], inputEnd / Levels(input), resultEnd, result, node);
    }

    /// <summary>The scales of a layer of which a RequantizePerChannel alone reads the sums, or null.</summary>
    /// <param name="node">The fused op that gives sums.</param>
    /// <param name="ranges">Its input that is the lower end of the data's range.</param>
    /// <param name="input">Type of the data.</param>
    public static RequantizationScale? OfConsumer(NodeWriter node, int ranges, DataType input)
    {
        const int requested = 3;
        Node[] consumers = [.. node.Graph.Graph.ConsumersOf(node.Node).Select(consumer => consumer.Node).Distinct()];
        if (consumers is not [{ Op: "RequantizePerChannel" } consumer] || node.Graph.Context.IsOutput(NodeInput.Data(node.Node.Name)))
            return null;
        var reader = new NodeWriter(node.Graph, OpDefaults.Complete(consumer));
        node.Graph.Write(consumer.DataInputs.Where(end => end.Node != node.Node.Name));
        DataType result = reader.Type("out_type");
        float inputScale = QuantizationRange.Magnitudes(node, ranges)[0] / Levels(input);
        float[] ends = reader.Input(1).Node == node.Node.Name
            ? [.. QuantizationRange.Magnitudes(node, ranges + 2).Select(end => inputScale * (end / SignedLevels) * QInt32Values)]
            : QuantizationRange.Magnitudes(reader, 1);
        float target = QuantizationRange.Magnitudes(reader, requested)[0];
        return Of([.. ends.Select(end => Levels(result) * (end / target) / QInt32Values)], inputScale, target, result, reader);
    }

    private static RequantizationScale Of(float[] factors, float inputScale, float resultEnd, DataType result, NodeWriter requantizer)
    {
        float data = PowerOfTwo(inputScale);
        float scale = PowerOfTwo(resultEnd / Levels(result));
        float[] weights = Array.ConvertAll(factors, factor => Math.Max(factor * (scale / data), LeastScale));
        return Array.TrueForAll(weights, float.IsFinite)
            ? new(data, weights, scale, QuantizationRange.Plain(result), requantizer)
            : throw OnnxDiagnostics.Decline($"its ranges give the scales {string.Join(", ", weights.Take(3))}");
    }

    /// <summary>The power of two at a scale or below it.</summary>
    private static float PowerOfTwo(float scale) => float.IsNormal(scale) && scale > 0 ? MathF.ScaleB(1, MathF.ILogB(scale)) : throw OnnxDiagnostics.Decline($"its range gives the scale {scale}");

    private static float Levels(DataType type) => type is DataType.UInt8 or DataType.QUInt8 ? UnsignedLevels : SignedLevels;
}
