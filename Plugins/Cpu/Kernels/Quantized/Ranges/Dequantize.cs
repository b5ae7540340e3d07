using System.Numerics;
using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized.Ranges;

/// <summary>Quantized values to floats, or in MIN_COMBINED to bfloat16. With an axis (not in MIN_FIRST) each slice has its own range.</summary>
[Kernel("Dequantize")]
internal sealed class Dequantize : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        string mode = call.Node.Choice("mode", QuantizationMode.Names);
        DataType type = call.Node.Type("dtype");
        if (type is not (DataType.Float or DataType.BFloat16))
            throw QuantizedTypes.NoKernel(type, "attribute 'dtype' = float and bfloat16");
        if (type == DataType.BFloat16 && mode != "MIN_COMBINED")
            throw Refuse.Unimplemented($"dtype bfloat16 is supported in mode MIN_COMBINED only, not in {mode}");
        Tensor result = input.Type switch
        {
            DataType.QUInt8 => Apply<byte>(call, input, mode),
            DataType.QInt8 => Apply<sbyte>(call, input, mode),
            DataType.QUInt16 => Apply<ushort>(call, input, mode),
            DataType.QInt16 => Apply<short>(call, input, mode),
            DataType.QInt32 => Apply<int>(call, input, mode),
            _ => throw QuantizedTypes.NoKernel(input.Type),
        };
        return [type == DataType.Float ? result : Floats.FromDoubles(type, result.Shape, Floats.ToDoubles(result))];
    }

    private static Tensor Apply<TQuantized>(KernelCall call, Tensor input, string mode)
        where TQuantized : unmanaged, IBinaryInteger<TQuantized>, IMinMaxValue<TQuantized>
    {
        int axis = call.Node.Int("axis");
        if (axis >= 0 && mode == "MIN_FIRST")
            throw Refuse.Unimplemented("MIN_FIRST mode is not implemented for Dequantize with axis != -1.");
        var slices = AxisSlices.Of(input.Shape, axis);
        QuantizationRange[] ranges = slices.Ranges(call.Inputs, 1, axis);
        bool narrow = call.Node.Bool("narrow_range");
        Tensor result = Tensor.Allocate<float>(DataType.Float, input.Shape, out var reals);
        ReadOnlySpan<TQuantized> quantized = input.AsSpan<TQuantized>();
        foreach (var (slice, start) in slices.Runs)
        {
            ReadOnlySpan<TQuantized> from = quantized.Slice(start, slices.Inner);
            Span<float> to = reals.Slice(start, slices.Inner);
            if (mode == "MIN_FIRST")
                MinFirst(from, to, ranges[slice]);
            else if (mode == "MIN_COMBINED")
                MinCombined(from, to, ranges[slice].Flushed);
            else
                Scaled(from, to, ranges[slice].Flushed, narrow);
        }
        return result;
    }

    private static void MinFirst<TQuantized>(ReadOnlySpan<TQuantized> quantized, Span<float> reals, QuantizationRange range)
        where TQuantized : unmanaged, IBinaryInteger<TQuantized>, IMinMaxValue<TQuantized>
    {
        var dequantization = new TensorDequantization<TQuantized>(range);
        for (int i = 0; i < reals.Length; i++)
            reals[i] = dequantization.Apply(quantized[i]);
    }

    private static void MinCombined<TQuantized>(ReadOnlySpan<TQuantized> quantized, Span<float> reals, QuantizationRange range)
        where TQuantized : unmanaged, IBinaryInteger<TQuantized>, IMinMaxValue<TQuantized>
    {
        float scale = Denormals.Flush((range.Max - range.Min) / (float)(QuantizedLimits<TQuantized>.Highest - QuantizedLimits<TQuantized>.Lowest));
        float half = QuantizedLimits<TQuantized>.IsSigned ? -(float)QuantizedLimits<TQuantized>.Lowest : 0;
        for (int i = 0; i < reals.Length; i++)
            reals[i] = Denormals.Flush(((float.CreateTruncating(quantized[i]) + half) * scale) + range.Min);
    }

    /// <summary>What a quantized value counts in mode SCALED.</summary>
    public static float Scale<TQuantized>(QuantizationRange range, bool narrow)
        where TQuantized : unmanaged, IBinaryInteger<TQuantized>, IMinMaxValue<TQuantized>
    {
        float byMax = range.Max / QuantizedLimits<TQuantized>.Highest;
        return Denormals.Flush(QuantizedLimits<TQuantized>.IsSigned ? QuantizationRange.Larger(range.Min / (QuantizedLimits<TQuantized>.Lowest + (narrow ? 1 : 0)), byMax) : byMax);
    }

    /// <summary>A quantized value goes through float and back to an integer, where a qint32 value near 2^31 becomes −2^31.</summary>
    private static void Scaled<TQuantized>(ReadOnlySpan<TQuantized> quantized, Span<float> reals, QuantizationRange range, bool narrow)
        where TQuantized : unmanaged, IBinaryInteger<TQuantized>, IMinMaxValue<TQuantized>
    {
        float scale = Scale<TQuantized>(range, narrow);
        for (int i = 0; i < reals.Length; i++)
            reals[i] = Denormals.Flush(Truncation.ToInt32(float.CreateTruncating(quantized[i])) * scale);
    }
}
