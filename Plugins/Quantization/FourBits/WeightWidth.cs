using TransformFramework.Diagnostics;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.FourBits;

/// <summary>The arguments bits and group.</summary>
internal static class WeightWidth
{
    private const int FewBits = 4;
    private const int ManyBits = 8;

    /// <summary>Whether products get weights of 4 bits.</summary>
    /// <exception cref="TransformException">A width or group that there is not, or 4 bits where data are quantized too.</exception>
    public static bool HasFourBits(Quantize.Options options)
    {
        if (options.Bits is not (FewBits or ManyBits))
            throw Refusal($"bits={options.Bits} is neither 8 nor 4");
        if (options.Bits == ManyBits)
            return false;
        if (!options.WeightsOnly)
            throw Refusal("bits=4 needs weights_only=true");
        return options.Group is 16 or 32 or 64 or 128 or 256 ? true : throw Refusal($"group={options.Group} is none of 16, 32, 64, 128, 256");
    }

    private static TransformException Refusal(string message) =>
        new(StatusKind.InvalidArgument, message) { Suggestion = "quantize(weights_only=true, bits=4, group=32) stores the matrices of products in 4 bits, 32 inputs of a column with a scale each." };
}
