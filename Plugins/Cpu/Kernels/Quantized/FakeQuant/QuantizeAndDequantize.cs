using System.Numerics;
using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized.FakeQuant;

/// <summary>
/// Rounds real values to multiples of a step without zero point. The range is given by attributes (V1) or inputs (V2, V3), or it is that of the data, where NaN does not count; V3 has
/// the number of bits as an input. With an axis each slice has its own range. For float and double.
/// </summary>
[Kernel("QuantizeAndDequantize", "QuantizeAndDequantizeV2", "QuantizeAndDequantizeV3")]
internal sealed class QuantizeAndDequantize : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call) => call.Inputs[0].Type switch
    {
        DataType.Float => [Apply<float>(call)],
        DataType.Double => [Apply<double>(call)],
        DataType type => throw QuantizedTypes.NoKernel(type, "float and double"),
    };

    private static Tensor Apply<T>(KernelCall call)
        where T : unmanaged, IFloatingPointIeee754<T>, IMinMaxValue<T>
    {
        Tensor input = call.Inputs[0];
        int bits = BitsOf(call);
        bool isSigned = call.Node.Bool("signed_input");
        if (bits < 1 || bits > (isSigned ? 61 : 62))
            throw Refuse.Invalid($"num_bits is out of range: {bits} with signed_input_ {isSigned}");
        long lowest = isSigned ? -(1L << (bits - 1)) + (call.Node.Op != "QuantizeAndDequantize" && call.Node.Bool("narrow_range") ? 1 : 0) : 0;
        long highest = (1L << (isSigned ? bits - 1 : bits)) - 1;
        bool toEven = call.Node.Op != "QuantizeAndDequantizeV2" || call.Node.Choice("round_mode", "HALF_TO_EVEN", "HALF_UP") == "HALF_TO_EVEN";
        bool isGiven = call.Node.Bool("range_given");
        int axis = call.Node.Op == "QuantizeAndDequantize" ? -1 : call.Node.Int("axis");
        var slices = AxisSlices.Of(input.Shape, axis);
        ReadOnlySpan<T> x = input.AsSpan<T>();
        var steps = SymmetricScale<T>.Of(isGiven ? Given<T>(call, slices, axis) : Found(x, slices), lowest, highest);
        Tensor result = Tensor.Allocate<T>(input.Type, input.Shape, out var y);
        foreach (var (slice, start) in slices.Runs)
            steps[slice].Apply(x.Slice(start, slices.Inner), y.Slice(start, slices.Inner), isGiven, toEven);
        return result;
    }

    private static int BitsOf(KernelCall call)
    {
        if (call.Node.Op == "QuantizeAndDequantizeV3")
            return checked((int)Integers.Scalar(call.Inputs[3], "num_bits"));
        return call.Node.Int("num_bits");
    }

    private static (T Min, T Max)[] Given<T>(KernelCall call, AxisSlices slices, int axis)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var ranges = call.Node.Op == "QuantizeAndDequantize"
            ? [(T.CreateTruncating(call.Node.Float("input_min")), T.CreateTruncating(call.Node.Float("input_max")))]
            : Inputs<T>(call.Inputs[1], call.Inputs[2], axis < 0 ? 1 : slices.Count);
        foreach (var (min, max) in ranges)
        {
            if (!(min <= max))
                throw Refuse.Invalid($"Invalid range: input_min {min} > input_max {max}");
        }
        return ranges;
    }

    private static (T Min, T Max)[] Inputs<T>(Tensor mins, Tensor maxes, int count)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (mins.ElementCount != count || maxes.ElementCount != count)
            throw Refuse.Invalid($"input_min and input_max must have {count} element(s), but have shapes {mins.Shape} and {maxes.Shape}");
        var ranges = new (T, T)[count];
        for (int i = 0; i < count; i++)
            ranges[i] = (Denormals.Flush(mins.AsSpan<T>()[i]), Denormals.Flush(maxes.AsSpan<T>()[i]));
        return ranges;
    }

    private static (T Min, T Max)[] Found<T>(ReadOnlySpan<T> x, AxisSlices slices)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var ranges = new (T Min, T Max)[slices.Count];
        Array.Fill(ranges, (T.PositiveInfinity, T.NegativeInfinity));
        foreach (var (slice, start) in slices.Runs)
        {
            foreach (T element in x.Slice(start, slices.Inner))
            {
                T value = Denormals.Flush(element);
                ranges[slice] = (value < ranges[slice].Min ? value : ranges[slice].Min, value > ranges[slice].Max ? value : ranges[slice].Max);
            }
        }
        return ranges;
    }
}
