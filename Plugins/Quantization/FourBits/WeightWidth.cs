using TransformFramework.Diagnostics;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.FourBits;

/// <summary>The arguments bits and group.</summary>
internal static class WeightWidth
{
    private const int FewBits = 4;
    private const int ManyBits = 8;

    /// <summary>Whether products get weights of 4 bits.</summary>
    /// <exception cref="TransformException">4 bits where data are quantized too.</exception>
    public static bool HasFourBits(Quantize.Options options)
    {
        if (options.Bits == ManyBits)
            return false;
        if (!options.WeightsOnly)
            throw Refusal("bits=4 needs weights_only=true");
        return true;
    }

    /// <exception cref="TransformException">There is no such width.</exception>
    public static int CheckedBits(int bits) => bits is FewBits or ManyBits ? bits : throw Refusal($"bits={bits} is neither 8 nor 4");

    /// <exception cref="TransformException">There is no such group.</exception>
    public static int CheckedGroup(int group) => group is 16 or 32 or 64 or 128 or 256 ? group : throw Refusal($"group={group} is none of 16, 32, 64, 128, 256");

    private static TransformException Refusal(string message) =>
        new(StatusKind.InvalidArgument, message) { Suggestion = "quantize(weights_only=true, bits=4, group=32) stores the matrices of products in 4 bits, 32 inputs of a column with a scale each." };
}
