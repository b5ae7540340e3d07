using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Static.Wide;

/// <summary>Which of the chosen convolutions and products read 8 bits, and which 16.</summary>
/// <param name="Narrow">Those that read 8 bits, with what is declined.</param>
/// <param name="Wide">Those that read 16 bits, in execution order.</param>
internal sealed record WideSelection(LayerSelection Narrow, ImmutableArray<Node> Wide)
{
    private const int NarrowBits = 8;
    private const int WideBits = 16;

    /// <summary>Divides what is chosen by the arguments activation_bits and wide.</summary>
    /// <exception cref="TransformException">A pattern matches no chosen node.</exception>
    public static WideSelection Of(LayerSelection selection, Quantize.Options options)
    {
        if (options.ActivationBits != WideBits)
            return new(selection, []);
        var patterns = new NodeSelection("wide", options.Wide, selection.Chosen);
        ILookup<bool, Node> nodes = selection.Chosen.ToLookup(node => patterns.IsEmpty || patterns.Contains(node));
        return new(selection with { Chosen = [.. nodes[false]] }, [.. nodes[true]]);
    }

    /// <summary>Refuses widths that nothing has, and 16 bits where activations are not quantized beforehand.</summary>
    /// <exception cref="TransformException">The arguments exclude each other.</exception>
    public static void Check(Quantize.Options options)
    {
        if (options.ActivationBits is not (NarrowBits or WideBits))
            throw Refusal($"activation_bits={options.ActivationBits} is neither 8 nor 16");
        if (options.ActivationBits == NarrowBits && !options.Wide.IsEmpty)
            throw Refusal("wide needs activation_bits=16");
        if (options.ActivationBits == WideBits && (options.WeightsOnly || options.Dynamic))
            throw Refusal($"activation_bits=16 and {(options.Dynamic ? "dynamic" : "weights_only")} exclude each other");
    }

    private static TransformException Refusal(string message) =>
        new(StatusKind.InvalidArgument, message) { Suggestion = "activation_bits is the width of calibrated activations: 8, or 16 for all layers or for those that wide names." };
}
