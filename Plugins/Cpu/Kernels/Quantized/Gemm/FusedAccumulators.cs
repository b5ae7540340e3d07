using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;

namespace TransformFramework.Cpu.Kernels.Quantized.Gemm;

/// <summary>What fused ops do with their accumulators.</summary>
internal static class FusedAccumulators
{
    /// <summary>
    /// Adds the bias to accumulators: a qint32 one is exact, a float one is taken in units of the quantized values and not rounded, and its sum is one of floats.
    /// </summary>
    /// <param name="node">The node, whose attribute <c>Tbias</c> says whether qint32 is allowed.</param>
    /// <param name="accumulators">Sums row by row.</param>
    /// <param name="bias">One number a column.</param>
    /// <param name="quantizedPerUnit">Quantized values in one, a column.</param>
    /// <param name="offsets">Quantized values that come to a float bias, a column; empty for none.</param>
    public static void AddBias(Node node, Span<double> accumulators, Tensor bias, ReadOnlySpan<float> quantizedPerUnit, ReadOnlySpan<float> offsets = default)
    {
        QuantizedTypes.Require(bias, "a bias", node.Attributes.ContainsKey("Tbias") ? [DataType.Float, DataType.QInt32] : [DataType.Float]);
        int columns = quantizedPerUnit.Length;
        if (bias.Shape.Rank != 1 || bias.ElementCount != columns)
            throw Refuse.Invalid($"bias must be a vector of {columns} elements, one for each channel, but has shape {bias.Shape}");
        if (bias.Type == DataType.QInt32)
        {
            ReadOnlySpan<int> terms = bias.AsSpan<int>();
            for (int i = 0; i < accumulators.Length; i++)
                accumulators[i] += terms[i % columns];
            return;
        }
        float[] reals = bias.AsSpan<float>().ToArray();
        for (int i = 0; i < columns; i++)
            reals[i] = (Denormals.Flush(reals[i]) * quantizedPerUnit[i]) + (offsets.IsEmpty ? 0 : offsets[i]);
        for (int i = 0; i < accumulators.Length; i++)
            accumulators[i] = (float)accumulators[i] + reals[i % columns];
    }

    /// <summary>The accumulators as qint32 values.</summary>
    public static Tensor ToQuantized(FusedOpName parts, ReadOnlySpan<double> accumulators, TensorShape shape)
    {
        Tensor result = Tensor.Allocate<int>(DataType.QInt32, shape, out var quantized);
        for (int i = 0; i < quantized.Length; i++)
            quantized[i] = (int)Math.Round(parts.HasRelu ? Math.Max(accumulators[i], 0) : accumulators[i]);
        return result;
    }
}
