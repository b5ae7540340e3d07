using System.Numerics;
using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized.Ranges;

/// <summary>
/// Floats to quantized values. The range is first widened to hold zero and to be at least <c>ensure_minimum_range</c> of its largest number wide; the widened one counts and is put out.
/// With an axis (not in MIN_FIRST) each slice has its own range.
/// </summary>
[Kernel("QuantizeV2")]
internal sealed class QuantizeV2 : IKernel
{
    private const float DefaultMinimumRange = 0.01f;

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node)
    {
        int axis = node.Node.Int("axis");
        TensorShape input = node.Shapes[0];
        TensorShape range = axis < 0 ? TensorShape.Scalar : TensorShape.Of(axis < input.Rank ? input[axis] : -1);
        return [input, range, range];
    }

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        DataType type = call.Node.Type("T");
        return type switch
        {
            DataType.QUInt8 => Quantize<byte>(call, input, type),
            DataType.QInt8 => Quantize<sbyte>(call, input, type),
            DataType.QUInt16 => Quantize<ushort>(call, input, type),
            DataType.QInt16 => Quantize<short>(call, input, type),
            DataType.QInt32 => Quantize<int>(call, input, type),
            _ => throw QuantizedTypes.NoKernel(type),
        };
    }

    private static Tensor[] Quantize<TQuantized>(KernelCall call, Tensor input, DataType type)
        where TQuantized : unmanaged, IBinaryInteger<TQuantized>, IMinMaxValue<TQuantized>
    {
        var quantization = QuantizationMode.Of(call.Node);
        int axis = call.Node.Int("axis");
        if (axis >= 0 && quantization.Mode == "MIN_FIRST")
            throw Refuse.Unimplemented("MIN_FIRST mode is not implemented for QuantizeV2 with axis != -1.");
        float minimum = call.Node.Float("ensure_minimum_range");
        var slices = AxisSlices.Of(input.Shape, axis);
        QuantizationRange[] ranges = [.. slices.Ranges(call.Inputs, 1, axis).Select(given => quantization.Adjust<TQuantized>(Widen(given.Flushed, minimum)))];
        Tensor result = Tensor.Allocate<TQuantized>(type, input.Shape, out var quantized);
        ReadOnlySpan<float> reals = input.AsSpan<float>();
        foreach (var (slice, start) in slices.Runs)
            quantization.Quantize(reals.Slice(start, slices.Inner), quantized.Slice(start, slices.Inner), ranges[slice]);
        return axis < 0 ? ranges[0].With(result) : [result, Vector(ranges.Select(range => range.Min)), Vector(ranges.Select(range => range.Max))];
    }

    /// <summary>The range that counts. Release 1.15 has no attribute and divides by 100, which is not quite the same as multiplying by 0.01.</summary>
    /// <exception cref="ExecutionException">InvalidArgument: the range is reversed.</exception>
    public static QuantizationRange Widen(QuantizationRange given, float minimumRange)
    {
        if (given.Max < given.Min)
            throw Refuse.Invalid($"input_max_range must be larger than input_min_range, but the range is {given.Min} to {given.Max}");
        float min = QuantizationRange.Smaller(0, given.Min);
        float largest = QuantizationRange.Larger(1, given.Magnitude);
        float width = minimumRange == DefaultMinimumRange ? largest / 100 : largest * minimumRange;
        return new(min, QuantizationRange.Larger(0, QuantizationRange.Larger(given.Max, min + width)));
    }

    private static Tensor Vector(IEnumerable<float> ends)
    {
        float[] elements = [.. ends];
        return Tensor.Create<float>(DataType.Float, TensorShape.Of(elements.Length), elements);
    }
}
