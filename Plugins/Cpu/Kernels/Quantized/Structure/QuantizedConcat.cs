using System.Numerics;
using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized.Structure;

/// <summary>
/// Joins quantized tensors along an axis over a range that holds all of theirs, symmetric for signed quantized values. Those of another range are converted through floats. As in the real kernel
/// the n-th tensor that is not empty is read with the n-th range of all.
/// </summary>
[Kernel("QuantizedConcat", "QuantizedConcatV2")]
internal sealed class QuantizedConcat : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node)
    {
        var (first, axis) = Places(node.Node);
        TensorShape[] values = [.. node.Shapes.Skip(first).Take(Count(node.Node))];
        bool isKnown = node.Constants[axis] is not null && values.All(shape => shape.IsFullyKnown);
        return QuantizedTypes.Shapes(isKnown ? Target(node.Node, values, node.Constants[axis]!).Shape : TensorShape.Unknown);
    }

    public Tensor[] Compute(KernelCall call)
    {
        var (first, axisPlace) = Places(call.Node);
        int count = Count(call.Node);
        Tensor[] values = [.. call.Inputs.Skip(first).Take(count)];
        var (shape, axis) = Target(call.Node, [.. values.Select(value => value.Shape)], call.Inputs[axisPlace]);
        int ranges = call.Node.Op == "QuantizedConcat" ? first + count : first + count + 1;
        QuantizationRange[] given = [.. Enumerable.Range(ranges, count).Select(i => new QuantizationRange(QuantizationRange.First(call.Inputs, i), QuantizationRange.First(call.Inputs, i + count)))];
        return values[0].Type switch
        {
            DataType.QUInt8 => Join<byte>(values, given, shape, axis),
            DataType.QInt8 when call.Node.Op == "QuantizedConcatV2" => Join<sbyte>(values, given, shape, axis),
            DataType.QInt32 => Join<int>(values, given, shape, axis),
            DataType type => throw QuantizedTypes.NoKernel(type, call.Node.Op == "QuantizedConcatV2" ? "quint8, qint8 and qint32" : "quint8 and qint32"),
        };
    }

    private static Tensor[] Join<TQuantized>(Tensor[] values, QuantizationRange[] given, TensorShape shape, int axis)
        where TQuantized : unmanaged, IBinaryInteger<TQuantized>, IMinMaxValue<TQuantized>
    {
        QuantizationRange range = Common(given, QuantizedLimits<TQuantized>.IsSigned);
        Tensor[] filled = [.. values.Where(value => value.ElementCount > 0)];
        Tensor[] converted = [.. filled.Select((value, i) => Convert<TQuantized>(value, given[i], range))];
        Tensor joined = converted.Length == 0 ? Tensor.Allocate<TQuantized>(values[0].Type, shape, out _) : Concat.Join(converted, shape, axis);
        return range.With(joined);
    }

    private static QuantizationRange Common(QuantizationRange[] given, bool isSigned)
    {
        float min = float.MaxValue;
        float max = float.MinValue;
        foreach (QuantizationRange range in given.Select(range => range.Flushed))
        {
            min = QuantizationRange.Smaller(min, range.Min);
            max = QuantizationRange.Larger(max, range.Max);
        }
        var common = new QuantizationRange(min, max);
        return isSigned ? QuantizationRange.Symmetric(common.Magnitude) : common;
    }

    private static Tensor Convert<TQuantized>(Tensor value, QuantizationRange from, QuantizationRange to)
        where TQuantized : unmanaged, IBinaryInteger<TQuantized>, IMinMaxValue<TQuantized>
    {
        if (from.Flushed.Min == to.Min && from.Flushed.Max == to.Max)
            return value;
        var dequantization = new TensorDequantization<TQuantized>(from);
        var quantization = new TensorQuantization<TQuantized>(to);
        Tensor converted = Tensor.Allocate<TQuantized>(value.Type, value.Shape, out var quantized);
        ReadOnlySpan<TQuantized> source = value.AsSpan<TQuantized>();
        for (int i = 0; i < quantized.Length; i++)
            quantized[i] = quantization.Apply(dequantization.Apply(source[i]));
        return converted;
    }

    private static int Count(Node node) => node.Int("N");

    private static (int First, int Axis) Places(Node node) => node.Op == "QuantizedConcat" ? (1, 0) : (0, Count(node));

    private static (TensorShape Shape, int Axis) Target(Node node, TensorShape[] values, Tensor axisInput)
    {
        if (node.Op == "QuantizedConcat" && Integers.Scalar(axisInput, "Concat dim tensor") is < 0 and var axis)
            throw Refuse.Invalid($"ConcatOp : Expected concatenating dimensions in the range [0, {values[0].Rank}), but got {axis}");
        return Concat.Target(values, axisInput);
    }
}
