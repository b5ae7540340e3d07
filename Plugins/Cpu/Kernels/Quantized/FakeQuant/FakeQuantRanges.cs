using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized.FakeQuant;

/// <summary>The ranges of the fake quantization ops that have them as inputs.</summary>
internal static class FakeQuantRanges
{
    /// <summary>One nudged range, or one a channel for ops <c>…PerChannel…</c>; null for the range 0 to 0.</summary>
    public static NudgedRange?[] Read(Node node, TensorShape shape, IReadOnlyList<Tensor> inputs, int at)
    {
        var (lowest, highest) = NudgedRange.LevelsOf(node);
        bool isPerChannel = node.Op.Contains("PerChannel", StringComparison.Ordinal);
        QuantizationRange[] ranges = isPerChannel ? PerChannel(shape, inputs[at], inputs[at + 1]) : [QuantizationRange.ReadScalars(inputs, at)];
        return [.. ranges.Select(range => range.Flushed).Select(range => range is { Min: 0, Max: 0 } ? (NudgedRange?)null : NudgedRange.Of(range, lowest, highest))];
    }

    private static QuantizationRange[] PerChannel(TensorShape shape, Tensor mins, Tensor maxes)
    {
        if (shape.Rank < 1)
            throw Refuse.Invalid("inputs must have a last dimension, but is a scalar");
        long channels = shape[shape.Rank - 1];
        Check(mins, "min", channels);
        Check(maxes, "max", channels);
        return [.. Enumerable.Range(0, (int)channels).Select(i => new QuantizationRange(mins.AsSpan<float>()[i], maxes.AsSpan<float>()[i]))];
    }

    private static void Check(Tensor ends, string name, long channels)
    {
        if (ends.Type != DataType.Float || ends.Shape.Rank != 1 || ends.ElementCount != channels)
            throw Refuse.Invalid($"{name} has incorrect size, expected float[{channels}] was {ends}");
    }
}
