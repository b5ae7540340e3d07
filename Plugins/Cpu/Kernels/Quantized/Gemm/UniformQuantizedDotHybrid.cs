using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized.Gemm;

/// <summary>Product of a float matrix, of which each row is quantized by its own range, and a matrix of qint8 values with a scale and a zero point for each column or for all. The result is float.</summary>
[Kernel("UniformQuantizedDotHybrid")]
internal sealed class UniformQuantizedDotHybrid : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node)
    {
        TensorShape left = node.Shapes[0];
        TensorShape right = node.Shapes[1];
        if (left.Rank is not (2 or -1) || right.Rank is not (2 or -1))
            throw Refuse.Invalid("lhs and rhs must be matrices");
        return [TensorShape.Of(left.IsUnknownRank ? -1 : left[0], right.IsUnknownRank ? -1 : right[1])];
    }

    public Tensor[] Compute(KernelCall call)
    {
        QuantizedTypes.Require(call.Inputs[0], "input lhs", DataType.Float);
        QuantizedTypes.Require(call.Inputs[1], "input rhs", DataType.QInt8);
        Tensor left = call.Inputs[0];
        Tensor right = call.Inputs[1];
        if (left.Shape.Rank != 2 || right.Shape.Rank != 2 || left.Shape[1] != right.Shape[0])
            throw Refuse.Invalid($"Matrix size-incompatible: lhs {left.Shape}, rhs {right.Shape}");
        int rows = (int)left.Shape[0];
        int inner = (int)left.Shape[1];
        int columns = (int)right.Shape[1];
        float[] scales = OfColumns<float>(call.Inputs[2], "rhs_scales", columns);
        int[] zeroPoints = OfColumns<int>(call.Inputs[3], "rhs_zero_points", columns);
        Tensor result = Tensor.Allocate<float>(DataType.Float, TensorShape.Of(rows, columns), out var target);
        ReadOnlySpan<sbyte> weights = right.AsSpan<sbyte>();
        int[] sums = new int[columns];
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<float> values = left.AsSpan<float>().Slice(row * inner, inner);
            DynamicRange range = RangeOf(values);
            Array.Clear(sums);
            for (int k = 0; k < inner; k++)
            {
                int value = range.Quantize(values[k]) - range.ZeroPoint;
                for (int c = 0; c < columns; c++)
                    sums[c] += value * (weights[(k * columns) + c] - zeroPoints[c]);
            }
            for (int c = 0; c < columns; c++)
                target[(row * columns) + c] = sums[c] * range.Scale * scales[c];
        }
        return [result];
    }

    private static DynamicRange RangeOf(ReadOnlySpan<float> values)
    {
        float least = float.PositiveInfinity;
        float greatest = float.NegativeInfinity;
        foreach (float value in values)
            (least, greatest) = (Math.Min(least, value), Math.Max(greatest, value));
        return DynamicRange.Of(least, greatest, DynamicRange.IsFinite(values));
    }

    private static T[] OfColumns<T>(Tensor values, string what, int columns)
        where T : unmanaged
    {
        if (values.ElementCount != 1 && (values.Shape.Rank != 1 || values.ElementCount != columns))
            throw Refuse.Invalid($"{what} must be a scalar or have one element for each of {columns} columns, but it has shape {values.Shape}");
        T[] all = new T[columns];
        ReadOnlySpan<T> given = values.AsSpan<T>();
        for (int c = 0; c < columns; c++)
            all[c] = given[given.Length == 1 ? 0 : c];
        return all;
    }
}
