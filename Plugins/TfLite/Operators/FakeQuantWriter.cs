using TransformFramework.Graphs;
using TransformFramework.TfLite.Schema;
using TransformFramework.TfLite.Writing;

namespace TransformFramework.TfLite.Operators;

/// <summary>FakeQuant nodes of 8 bits, and QuantizeAndDequantizeV2: a QUANTIZE and a DEQUANTIZE; of FakeQuant's constants their int8 values and a DEQUANTIZE.</summary>
internal static class FakeQuantWriter
{
    private const int Levels = 255;
    private const int Middle = 128;

    public static void Write(NodeWriter node)
    {
        TensorDraft x = node.In(0);
        (float[] min, float[] max) = Range(node);
        if (node.Node.Long("num_bits") != 8)
            throw node.Decline("only 8 bits have a counterpart");
        if (x.Constant is { Type: DataType.Float } constant)
        {
            node.Out(node.Emit("DEQUANTIZE", [Weights(node, constant, min, max)], TensorType.Float32));
            return;
        }
        if (min.Length != 1)
            throw node.Decline("ranges by channel of computed values have no counterpart");
        double least = node.Node.Bool("narrow_range") ? 1 : 0;
        double scale = ((double)max[0] - min[0]) / (Levels - least);
        if (!(scale > 0))
            throw node.Decline($"its range from {min[0]} to {max[0]} is empty");
        double zero = Math.Clamp(Math.Round(least - (min[0] / scale), MidpointRounding.AwayFromZero), least, Levels);
        TensorDraft quantized = QuantizedConversions.Quantize(node, x, new([(float)scale], [(long)zero - Middle], 0));
        node.Out(node.Emit("DEQUANTIZE", [quantized], TensorType.Float32));
    }

    /// <summary>Values about zero, by the larger of the scales that the two ends of the range ask for.</summary>
    public static void WriteSymmetric(NodeWriter node)
    {
        if (node.Node.Long("num_bits") != 8 || !node.Node.Bool("range_given") || node.Node.Long("axis") != -1 || node.In(0).Type != TensorType.Float32)
            throw node.Decline("only 8 bits of floats with one range that is given have a counterpart");
        bool isSigned = node.Node.Bool("signed_input");
        double low = node.Required(1).AsSpan<float>()[0], high = node.Required(2).AsSpan<float>()[0];
        double scale = isSigned ? Math.Max(low / (node.Node.Bool("narrow_range") ? 1 - Middle : -Middle), high / (Middle - 1)) : high / Levels;
        if (!(scale > 0))
            throw node.Decline($"its range from {low} to {high} is empty");
        TensorDraft quantized = QuantizedConversions.Quantize(node, node.In(0), new([(float)scale], [isSigned ? 0L : -Middle], 0));
        node.Out(node.Emit("DEQUANTIZE", [quantized], TensorType.Float32));
    }

    private static (float[] Min, float[] Max) Range(NodeWriter node)
    {
        if (node.Node.Op == "FakeQuantWithMinMaxArgs")
            return ([node.Node.Float("min")], [node.Node.Float("max")]);
        return (node.Required(1).AsSpan<float>().ToArray(), node.Required(2).AsSpan<float>().ToArray());
    }

    /// <summary>The constant on the op's own grid. Where zero is its middle, as with narrow ranges, layers can compute on int8.</summary>
    private static TensorDraft Weights(NodeWriter node, Tensor constant, float[] min, float[] max)
    {
        int channels = min.Length;
        double least = node.Node.Bool("narrow_range") ? 1 : 0;
        double[] scales = [.. min.Zip(max, (low, high) => ((double)high - low) / (Levels - least))];
        if (scales.Any(scale => !(scale > 0)))
            throw node.Decline("its range is empty");
        double[] zeros = [.. min.Zip(scales, (low, scale) => Math.Clamp(Math.Round(least - (low / scale), MidpointRounding.AwayFromZero), least, Levels))];
        ReadOnlySpan<float> values = constant.AsSpan<float>();
        sbyte[] quantized = new sbyte[values.Length];
        for (int i = 0; i < quantized.Length; i++)
        {
            int channel = i % channels;
            quantized[i] = (sbyte)(Math.Clamp(Math.Round(values[i] / scales[channel], MidpointRounding.AwayFromZero) + zeros[channel], least, Levels) - Middle);
        }
        var quantization = new TfLiteQuantization([.. scales.Select(scale => (float)scale)], [.. zeros.Select(zero => (long)zero - Middle)], channels == 1 ? 0 : constant.Shape.Rank - 1);
        return TensorDraft.Of(node.Node.Name + "/weights", Tensor.Create<sbyte>(DataType.Int8, constant.Shape, quantized), quantization);
    }
}
