using System.Collections.Immutable;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization;

/// <summary>Arguments of quantize_nodes.</summary>
public sealed record QuantizeNodesOptions
{
    [Option("input_min", "Smallest value of the inputs; with input_max, placeholders take 8-bit data.")]
    public float? InputMin { get; init; }

    [Option("input_max", "Largest value of the inputs.")]
    public float? InputMax { get; init; }

    [Option("fallback_min", "With fallback_max: the range of every 32-bit result, instead of finding it in each run.")]
    public float? FallbackMin { get; init; }

    [Option("fallback_max", "Upper end of that range.")]
    public float? FallbackMax { get; init; }

    [Option("ignore_op", "An op that stays float; may be repeated.")]
    public ImmutableArray<string> IgnoreOp { get; init; } = [];
}
