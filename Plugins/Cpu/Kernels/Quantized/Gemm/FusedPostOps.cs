using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized.Gemm;

/// <summary>What a fused op of oneDNN builds does after the convolution or product, as its name says.</summary>
/// <param name="HasBias">A vector of float or qint32 is added.</param>
/// <param name="HasSum">A tensor of the result's shape is added.</param>
/// <param name="IsSumSigned">That tensor is qint8.</param>
/// <param name="HasRelu">What is negative becomes 0.</param>
/// <param name="Requantizes">The result is 8-bit values of a range that is given; otherwise qint32 values.</param>
internal readonly record struct FusedPostOps(bool HasBias, bool HasSum, bool IsSumSigned, bool HasRelu, bool Requantizes)
{
    /// <summary>Number of the first of the inputs that hold the ranges of the two operands.</summary>
    public int Ranges => HasBias ? 3 : 2;

    /// <summary>Number of the first of the inputs that hold the range of the result.</summary>
    public int ResultRange => Ranges + 4;

    /// <summary>Number of the input that is added.</summary>
    public int Residual => Ranges + (Requantizes ? 6 : 4);

    public static FusedPostOps Of(Node node)
    {
        string op = node.Op;
        return new(Has("WithBias"), Has("Sum"), Has("SignedSum"), Has("AndRelu"), Has("AndRequantize"));

        bool Has(string part) => op.Contains(part, StringComparison.Ordinal);
    }

    /// <summary>
    /// Adds the bias to sums: a qint32 one is exact, a float one is taken in units of the quantized values and not rounded, and its sum is one of floats.
    /// </summary>
    /// <param name="node">The node, whose attribute <c>Tbias</c> says whether qint32 is allowed.</param>
    /// <param name="accumulators">Sums row by row.</param>
    /// <param name="bias">One number a column.</param>
    /// <param name="codesPerUnit">Quantized values in one, a column.</param>
    /// <param name="offsets">Quantized values that come to a float bias, a column; empty for none.</param>
    public static void AddBias(Node node, Span<double> accumulators, Tensor bias, ReadOnlySpan<float> codesPerUnit, ReadOnlySpan<float> offsets = default)
    {
        QuantizedTypes.Require(bias, "a bias", node.Attributes.ContainsKey("Tbias") ? [DataType.Float, DataType.QInt32] : [DataType.Float]);
        int columns = codesPerUnit.Length;
        if (bias.Shape.Rank != 1 || bias.ElementCount != columns)
            throw Refuse.Invalid($"bias must be a vector of {columns} elements, one for each channel, but has shape {bias.Shape}");
        if (bias.Type == DataType.QInt32)
        {
            ReadOnlySpan<int> codes = bias.AsSpan<int>();
            for (int i = 0; i < accumulators.Length; i++)
                accumulators[i] += codes[i % columns];
            return;
        }
        float[] numbers = bias.AsSpan<float>().ToArray();
        for (int i = 0; i < columns; i++)
            numbers[i] = (Denormals.Flush(numbers[i]) * codesPerUnit[i]) + (offsets.IsEmpty ? 0 : offsets[i]);
        for (int i = 0; i < accumulators.Length; i++)
            accumulators[i] = (float)accumulators[i] + numbers[i % columns];
    }

    /// <summary>The sums as qint32 values.</summary>
    public Tensor ToCodes(ReadOnlySpan<double> accumulators, TensorShape shape)
    {
        Tensor result = Tensor.Allocate<int>(DataType.QInt32, shape, out var codes);
        for (int i = 0; i < codes.Length; i++)
            codes[i] = (int)Math.Round(HasRelu ? Math.Max(accumulators[i], 0) : accumulators[i]);
        return result;
    }
}
