using System.Numerics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized;

/// <summary>Adds a vector along the last dimension, quint8 or qint8 both, as qint32 over a range with room for 2^17 times the largest number. Both go through floats, which costs up to 128 codes each.</summary>
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
        CodeRange inputRange = CodeRange.Read(call.Inputs, 2).Flushed;
        CodeRange biasRange = CodeRange.Read(call.Inputs, 4).Flushed;
        CodeRange range = ResultRange(inputRange, biasRange);
        Tensor result = Tensor.Allocate<int>(DataType.QInt32, input.Shape, out var sums);
        if (input.Type == DataType.QUInt8)
            Add<byte>(input, bias, inputRange, biasRange, range, sums);
        else
            Add<sbyte>(input, bias, inputRange, biasRange, range, sums);
        return range.With(result);
    }

    /// <summary>The range of the sums of codes with these ranges, denormals flushed.</summary>
    public static CodeRange ResultRange(CodeRange input, CodeRange bias)
    {
        float largest = CodeRange.Larger(input.Max, CodeRange.Larger(-input.Min, CodeRange.Larger(bias.Max, -bias.Min)));
        return CodeRange.Symmetric(largest * Room);
    }

    private static void Add<TCode>(Tensor input, Tensor bias, CodeRange inputRange, CodeRange biasRange, CodeRange range, Span<int> sums)
        where TCode : unmanaged, IBinaryInteger<TCode>, IMinMaxValue<TCode>
    {
        int[] ofInput = Table<TCode>(inputRange, range);
        int[] ofBias = Table<TCode>(biasRange, range);
        int zero = new ScalarCodes<int>(range).Quantize(0);
        ReadOnlySpan<byte> codes = input.Bytes.Span;
        ReadOnlySpan<byte> biases = bias.Bytes.Span;
        for (int i = 0; i < sums.Length; i++)
            sums[i] = ofInput[codes[i]] + ofBias[biases[i % biases.Length]] + zero;
    }

    /// <summary>The qint32 code of each 8-bit code, by its byte.</summary>
    private static int[] Table<TCode>(CodeRange from, CodeRange to)
        where TCode : unmanaged, IBinaryInteger<TCode>, IMinMaxValue<TCode>
    {
        var dequantization = new TensorDequantization<TCode>(from);
        var quantization = new TensorQuantization<int>(to);
        int[] table = new int[byte.MaxValue + 1];
        for (int code = 0; code < table.Length; code++)
            table[code] = quantization.Apply(dequantization.Apply(TCode.CreateTruncating(code)));
        return table;
    }
}
