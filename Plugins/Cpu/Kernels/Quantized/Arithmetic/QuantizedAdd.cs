using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Cpu.Kernels.Quantized.Ranges;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized.Arithmetic;

/// <summary>
/// Sum of quint8 tensors as qint32, over a range with room for 2^14 times the largest number. Operands are converted along a straight line; one of a single element by the exact
/// formula (of two such only the first), which gives the lowest quantized value in an infinite range.
/// </summary>
[Kernel("QuantizedAdd")]
internal sealed class QuantizedAdd : IKernel
{
    private const float Room = 1 << 14;

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => QuantizedTypes.Shapes(Broadcast.Infer(node.Shapes[0], node.Shapes[1]));

    public Tensor[] Compute(KernelCall call)
    {
        var pairs = QuantizedPairs.Of(call);
        QuantizationRange range = ResultRange(pairs.XRange.Flushed, pairs.YRange.Flushed);
        bool isScalarX = pairs.X.ElementCount == 1;
        int[] left = Convert(pairs.X, pairs.XRange, range, isScalarX);
        int[] right = Convert(pairs.Y, pairs.YRange, range, pairs.Y.ElementCount == 1 && !isScalarX);
        return range.With(pairs.Combine(left, right, multiplies: false));
    }

    /// <summary>The range of the sums of quantized values with these ranges, denormals flushed.</summary>
    public static QuantizationRange ResultRange(QuantizationRange x, QuantizationRange y)
    {
        float largest = QuantizationRange.Larger(MathF.Abs(QuantizationRange.Smaller(x.Min, y.Min)), MathF.Abs(QuantizationRange.Larger(x.Max, y.Max)));
        return QuantizationRange.Symmetric(largest * Room);
    }

    private static int[] Convert(Tensor quantized, QuantizationRange from, QuantizationRange to, bool exactly)
    {
        ReadOnlySpan<byte> elements = quantized.AsSpan<byte>();
        if (exactly)
            return [float.IsInfinity(to.Max) ? int.MinValue : new AffineQuantizer<int>(to).Quantize(new AffineQuantizer<byte>(from).Dequantize(elements[0]))];
        var requantization = new LinearRequantization(from, to);
        int[] converted = new int[elements.Length];
        for (int i = 0; i < converted.Length; i++)
            converted[i] = requantization.Apply(elements[i]);
        return converted;
    }
}
