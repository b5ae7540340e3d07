using System.Numerics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized;

/// <summary>Codes to floats, or in MIN_COMBINED to bfloat16. With an axis (not in MIN_FIRST) each slice has its own range.</summary>
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

    private static Tensor Apply<TCode>(KernelCall call, Tensor input, string mode)
        where TCode : unmanaged, IBinaryInteger<TCode>, IMinMaxValue<TCode>
    {
        int axis = call.Node.Int("axis");
        if (axis >= 0 && mode == "MIN_FIRST")
            throw Refuse.Unimplemented("MIN_FIRST mode is not implemented for Dequantize with axis != -1.");
        var slices = AxisSlices.Of(input.Shape, axis);
        CodeRange[] ranges = slices.Ranges(call.Inputs, 1, axis);
        bool narrow = call.Node.Bool("narrow_range");
        Tensor result = Tensor.Allocate<float>(DataType.Float, input.Shape, out var numbers);
        ReadOnlySpan<TCode> codes = input.AsSpan<TCode>();
        foreach (var (slice, start) in slices.Runs)
        {
            ReadOnlySpan<TCode> from = codes.Slice(start, slices.Inner);
            Span<float> to = numbers.Slice(start, slices.Inner);
            if (mode == "MIN_FIRST")
                MinFirst(from, to, ranges[slice]);
            else if (mode == "MIN_COMBINED")
                MinCombined(from, to, ranges[slice].Flushed);
            else
                Scaled(from, to, ranges[slice].Flushed, narrow);
        }
        return result;
    }

    private static void MinFirst<TCode>(ReadOnlySpan<TCode> codes, Span<float> numbers, CodeRange range)
        where TCode : unmanaged, IBinaryInteger<TCode>, IMinMaxValue<TCode>
    {
        var dequantization = new TensorDequantization<TCode>(range);
        for (int i = 0; i < numbers.Length; i++)
            numbers[i] = dequantization.Apply(codes[i]);
    }

    private static void MinCombined<TCode>(ReadOnlySpan<TCode> codes, Span<float> numbers, CodeRange range)
        where TCode : unmanaged, IBinaryInteger<TCode>, IMinMaxValue<TCode>
    {
        float scale = Denormals.Flush((range.Max - range.Min) / (float)(Codes<TCode>.Highest - Codes<TCode>.Lowest));
        float half = Codes<TCode>.IsSigned ? -(float)Codes<TCode>.Lowest : 0;
        for (int i = 0; i < numbers.Length; i++)
            numbers[i] = Denormals.Flush(((float.CreateTruncating(codes[i]) + half) * scale) + range.Min);
    }

    /// <summary>What a code counts in mode SCALED.</summary>
    public static float Step<TCode>(CodeRange range, bool narrow)
        where TCode : unmanaged, IBinaryInteger<TCode>, IMinMaxValue<TCode>
    {
        float byMax = range.Max / Codes<TCode>.Highest;
        return Denormals.Flush(Codes<TCode>.IsSigned ? CodeRange.Larger(range.Min / (Codes<TCode>.Lowest + (narrow ? 1 : 0)), byMax) : byMax);
    }

    /// <summary>A code goes through float and back to an integer, where a qint32 code near 2^31 becomes −2^31.</summary>
    private static void Scaled<TCode>(ReadOnlySpan<TCode> codes, Span<float> numbers, CodeRange range, bool narrow)
        where TCode : unmanaged, IBinaryInteger<TCode>, IMinMaxValue<TCode>
    {
        float scale = Step<TCode>(range, narrow);
        for (int i = 0; i < numbers.Length; i++)
            numbers[i] = Denormals.Flush(Truncation.ToInt32(float.CreateTruncating(codes[i])) * scale);
    }
}
