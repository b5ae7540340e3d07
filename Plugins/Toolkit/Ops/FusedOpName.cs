namespace TransformFramework.Toolkit.Ops;

/// <summary>What a fused quantized op of oneDNN builds does after the convolution or product, as its name says.</summary>
/// <param name="HasBias">A vector of float or qint32 is added.</param>
/// <param name="HasSum">A tensor of the result's shape is added.</param>
/// <param name="IsSumSigned">That tensor is qint8.</param>
/// <param name="HasRelu">What is negative becomes 0.</param>
/// <param name="Requantizes">The result is 8-bit values of a range that is given; otherwise qint32 values.</param>
public readonly record struct FusedOpName(bool HasBias, bool HasSum, bool IsSumSigned, bool HasRelu, bool Requantizes)
{
    /// <summary>Number of the first of the inputs that hold the ranges of the two operands.</summary>
    public int Ranges => HasBias ? 3 : 2;

    /// <summary>Number of the first of the inputs that hold the range of the result.</summary>
    public int ResultRange => Ranges + 4;

    /// <summary>Number of the input that is added.</summary>
    public int Residual => Ranges + (Requantizes ? 6 : 4);

    /// <summary>The parts of an op's name.</summary>
    public static FusedOpName Of(string op)
    {
        return new(Has("WithBias"), Has("Sum"), Has("SignedSum"), Has("AndRelu"), Has("AndRequantize"));

        bool Has(string part) => op.Contains(part, StringComparison.Ordinal);
    }
}
