using System.Numerics;
using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized.Arithmetic;

/// <summary>Adds a vector along the last dimension, quint8 or qint8 both, as qint32 over a range with room for 2^17 times the largest number. Both go through floats, which costs up to 128 quantized values each.</summary>
[Kernel("QuantizedBiasAdd")]
internal sealed class QuantizedBiasAdd : IKernel
{
    private const float Room = 1 << 17;

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => QuantizedTypes.Shapes(node.Shapes[0]);

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        Tensor bias = call.Inputs[1];
        QuantizedTypes.Require(input, "an input", DataType.QUInt8, DataType.QInt8);
        QuantizedTypes.Require(bias, "a bias", input.Type);
        QuantizedTypes.Require(call.Node, "out_type", DataType.QInt32);
        if (input.Shape.Rank < 2)
            throw Refuse.Invalid($"Input tensor must be at least 2D: {input.Shape}");
        if (bias.Shape.Rank != 1)
            throw Refuse.Invalid($"Biases must be 1D: {bias.Shape}");
        if (bias.Shape[0] != input.Shape[input.Shape.Rank - 1])
            throw Refuse.Invalid($"Must provide as many biases as the last dimension of the input tensor: {bias.Shape} vs. {input.Shape}");
        QuantizationRange inputRange = QuantizationRange.Read(call.Inputs, 2).Flushed;
        QuantizationRange biasRange = QuantizationRange.Read(call.Inputs, 4).Flushed;
        QuantizationRange range = ResultRange(inputRange, biasRange);
        Tensor result = Tensor.Allocate<int>(DataType.QInt32, input.Shape, out var accumulators);
        if (input.Type == DataType.QUInt8)
            Add<byte>(input, bias, inputRange, biasRange, range, accumulators);
        else
            Add<sbyte>(input, bias, inputRange, biasRange, range, accumulators);
        return range.With(result);
    }

    /// <summary>The range of the sums of quantized values with these ranges, denormals flushed.</summary>
    public static QuantizationRange ResultRange(QuantizationRange input, QuantizationRange bias)
    {
        float largest = QuantizationRange.Larger(input.Max, QuantizationRange.Larger(-input.Min, QuantizationRange.Larger(bias.Max, -bias.Min)));
        return QuantizationRange.Symmetric(largest * Room);
    }

    private static void Add<TQuantized>(Tensor input, Tensor bias, QuantizationRange inputRange, QuantizationRange biasRange, QuantizationRange range, Span<int> accumulators)
        where TQuantized : unmanaged, IBinaryInteger<TQuantized>, IMinMaxValue<TQuantized>
    {
        int[] ofInput = Table<TQuantized>(inputRange, range);
        int[] ofBias = Table<TQuantized>(biasRange, range);
        int zero = new AffineQuantizer<int>(range).Quantize(0);
        ReadOnlySpan<byte> quantized = input.Bytes.Span;
        ReadOnlySpan<byte> biases = bias.Bytes.Span;
        for (int i = 0; i < accumulators.Length; i++)
            accumulators[i] = ofInput[quantized[i]] + ofBias[biases[i % biases.Length]] + zero;
    }

    /// <summary>The qint32 value of each 8-bit value, by its byte.</summary>
    private static int[] Table<TQuantized>(QuantizationRange from, QuantizationRange to)
        where TQuantized : unmanaged, IBinaryInteger<TQuantized>, IMinMaxValue<TQuantized>
    {
        var dequantization = new TensorDequantization<TQuantized>(from);
        var quantization = new TensorQuantization<int>(to);
        int[] table = new int[byte.MaxValue + 1];
        for (int level = 0; level < table.Length; level++)
            table[level] = quantization.Apply(dequantization.Apply(TQuantized.CreateTruncating(level)));
        return table;
    }
}
