using TransformFramework.Toolkit.Calibration;

namespace TransformFramework.Workflows;

/// <summary>Choices of a quantization.</summary>
public sealed record QuantizeOptions
{
    /// <summary>What <see cref="Headroom"/> is unless said otherwise.</summary>
    public const float DefaultHeadroom = 1.15f;

    internal const string DefaultName = "model";

    /// <summary>Name under which the script of the result refers to its ranges: <c>NAME.ranges</c>.</summary>
    public string Name { get; init; } = DefaultName;

    /// <summary>How ranges are chosen; null tries mean squared error, min and max, and percentile, and keeps what agrees best with the float graph.</summary>
    public RangeMethod? Method { get; init; }

    /// <summary>By how much ranges are then widened, for values that no sample shows, from 1 to <see cref="RangeChoice.MostHeadroom"/>.</summary>
    public float Headroom { get; init; } = DefaultHeadroom;

    /// <summary>Whether channels are equalized first; null tries both.</summary>
    public bool? Equalizes { get; init; }

    /// <summary>Whether biases are corrected by the samples, where that agrees better.</summary>
    public bool CorrectsBiases { get; init; } = true;

    /// <summary>
    /// Further arguments of the transform <c>quantize</c>, such as <c>exclude="*logits*", per_channel=false</c>. Residual additions stay unrounded, which costs no time, unless they say otherwise
    /// or 8 bits are all that the target has.
    /// </summary>
    public string Arguments { get; init; } = "";
}
