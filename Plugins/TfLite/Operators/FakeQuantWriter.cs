using TransformFramework.Graphs;
using TransformFramework.TfLite.Schema;
using TransformFramework.TfLite.Writing;

namespace TransformFramework.TfLite.Operators;

/// <summary>FakeQuant nodes of 8 bits: a QUANTIZE and a DEQUANTIZE; of constants their symmetric int8 values, as int8 weights must be.</summary>
internal static class FakeQuantWriter
{
    private const int Levels = 127;

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
        double scale = ((double)max[0] - min[0]) / (255 - least);
        if (!(scale > 0))
            throw node.Decline($"its range from {min[0]} to {max[0]} is empty");
        double zero = Math.Clamp(Math.Round(least - (min[0] / scale), MidpointRounding.AwayFromZero), least, 255);
        TensorDraft quantized = CodeConversions.Quantize(node, x, new([(float)scale], [(long)zero - 128], 0));
        node.Out(node.Emit("DEQUANTIZE", [quantized], TensorType.Float32));
    }

    private static (float[] Min, float[] Max) Range(NodeWriter node)
    {
        if (node.Node.Op == "FakeQuantWithMinMaxArgs")
            return ([node.Node.Float("min")], [node.Node.Float("max")]);
        return (node.Required(1).AsSpan<float>().ToArray(), node.Required(2).AsSpan<float>().ToArray());
    }

    /// <summary>Values within the range, rounded to multiples of its larger magnitude by 127.</summary>
    private static TensorDraft Weights(NodeWriter node, Tensor constant, float[] min, float[] max)
    {
        int channels = min.Length;
        float[] scales = [.. min.Zip(max, (one, other) => Math.Max(Math.Max(Math.Abs(one), Math.Abs(other)), 1e-30f) / Levels)];
        ReadOnlySpan<float> values = constant.AsSpan<float>();
        sbyte[] codes = new sbyte[values.Length];
        for (int i = 0; i < codes.Length; i++)
        {
            int channel = i % channels;
            codes[i] = (sbyte)Math.Clamp(MathF.Round(Math.Clamp(values[i], min[channel], max[channel]) / scales[channel]), -Levels, Levels);
        }
        var quantization = new TfLiteQuantization([.. scales], [.. scales.Select(_ => 0L)], channels == 1 ? 0 : constant.Shape.Rank - 1);
        return TensorDraft.Of(node.Node.Name + "/weights", Tensor.Create<sbyte>(DataType.Int8, constant.Shape, codes), quantization);
    }
}
