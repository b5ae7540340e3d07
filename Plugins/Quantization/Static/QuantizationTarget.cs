using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Static;

/// <summary>Where a quantized graph is to run.</summary>
internal enum QuantizationTarget
{
    /// <summary>TensorFlow 2.7 and later on x86 with oneDNN: its fused integer ops.</summary>
    TensorFlow,

    /// <summary>Every TensorFlow from 1.15 on: float ops between QuantizeAndDequantizeV2.</summary>
    Portable,

    /// <summary>ONNX, by convert.</summary>
    Onnx,

    /// <summary>TensorFlow Lite, by convert: every layer's result is 8 bits.</summary>
    TfLite,
}

/// <summary>What is left unrounded for accuracy.</summary>
/// <param name="KeepsResiduals">Sums of two tensors read and write full precision; only what layers read has 8 bits.</param>
/// <param name="KeepsInputs">Signed inputs of the graph are quantized between their least and their greatest value, so that the bytes of an image stay what they are.</param>
internal readonly record struct Precision(bool KeepsResiduals, bool KeepsInputs);

/// <summary>Reads arguments of quantize that are one of some words.</summary>
internal static class QuantizationArguments
{
    /// <exception cref="TransformException">The word names no target.</exception>
    public static QuantizationTarget Target(string word) => Choice("target", word, ("tensorflow", QuantizationTarget.TensorFlow), ("portable", QuantizationTarget.Portable), ("onnx", QuantizationTarget.Onnx), ("tflite", QuantizationTarget.TfLite));

    /// <exception cref="TransformException">The word names no way to keep sums in 16 bits.</exception>
    public static Saturation Saturation(string word) => Choice("saturation", word, ("allow", Static.Saturation.Allow), ("avoid_pairs", Static.Saturation.AvoidPairs), ("seven_bits", Static.Saturation.SevenBits));

    /// <exception cref="TransformException">A word is neither 8bit nor unrounded.</exception>
    public static Precision Precision(string residual, string input) => new(IsUnrounded("residual", residual), IsUnrounded("input", input));

    /// <exception cref="TransformException">The word is neither 8bit nor unrounded.</exception>
    public static bool IsUnrounded(string option, string word) => Choice(option, word, ("8bit", false), ("unrounded", true));

    /// <exception cref="TransformException">The word is neither nearest nor gptq.</exception>
    public static bool IsGptq(string rounding) => Choice("rounding", rounding, ("nearest", false), ("gptq", true));

    /// <exception cref="TransformException">The word is neither nearest nor gptq, or gptq has no samples.</exception>
    public static bool FeedsErrorsBack(string rounding, string samples) =>
        IsGptq(rounding) && (samples.Length > 0 ? true : throw new TransformException(Diagnostics.StatusKind.InvalidArgument, "rounding=\"gptq\" needs samples") { Suggestion = "Name a file of samples: samples=\"D.npz\"; the command quantize does it by itself." });

    /// <exception cref="TransformException">The number is negative, or weights are not rounded by GPTQ.</exception>
    public static void CheckReconstruct(int sweeps, bool feedsErrorsBack)
    {
        if (sweeps < 0 || (sweeps > 0 && !feedsErrorsBack))
            throw new TransformException(Diagnostics.StatusKind.InvalidArgument, $"reconstruct={sweeps} needs rounding=\"gptq\" and a number from 0 on") { Suggestion = "It improves weights that rounding=\"gptq\" has rounded." };
    }

    /// <summary>A word that is one of an argument's, for an accessor that refuses others.</summary>
    /// <exception cref="TransformException">It is none of them.</exception>
    public static string Checked<T>(string word, Func<string, T> read)
    {
        read(word);
        return word;
    }

    private static T Choice<T>(string option, string word, params ReadOnlySpan<(string Word, T Value)> choices)
    {
        foreach (var (name, value) in choices)
        {
            if (name == word)
                return value;
        }
        var names = new List<string>();
        foreach (var (name, _) in choices)
            names.Add(name);
        throw new TransformException(Diagnostics.StatusKind.InvalidArgument, $"{option}=\"{word}\" is none of {string.Join(", ", names)}");
    }
}
