using TransformFramework.Diagnostics;

namespace TransformFramework.Quantization;

/// <summary>What quantize warns of.</summary>
internal static class QuantizationDiagnostics
{
    public static readonly DiagnosticDescriptor NothingQuantized = new("TFX2050", Severity.Warning, "Nothing was quantized", "nothing was quantized")
    {
        Cause = "No convolution or product has constant weights and a known range, or all are excluded.",
        Remedy = "--explain=quantize tells why, node by node.",
        Example = "quantize    # without ranges",
    };

    public static readonly DiagnosticDescriptor StaysFloat = new("TFX2051", Severity.Warning, "A layer stays float", "'{0}' ({1}) stays float: {2}")
    {
        Cause = "The integer op cannot express the layer, or the range of its data is not known.",
        Remedy = "Calibrate the graph that the step gets; otherwise nothing.",
        Example = "quantize(ranges=\"r.json\")    # on a Conv2D in NCHW",
    };

    public static readonly DiagnosticDescriptor NotFiniteConstant = new("TFX2052", Severity.Warning, "A constant is not finite", "the constant '{0}' has {1} NaN or infinite elements of {2}")
    {
        Cause = "Training diverged, or a division by a variance of 0 was folded into the constant. 8-bit values cannot express such elements.",
        Remedy = "Look at the model's training; layers that read the constant stay float.",
        Example = "quantize(ranges=\"r.json\")    # with a filter that holds NaN",
    };

    public static readonly DiagnosticDescriptor OutlierRange = new("TFX2053", Severity.Warning, "A range is that of outliers", "the range of '{0}' is that of outliers: it reaches to {1:G4}, 99.99 % of its magnitudes to {2:G4}")
    {
        Cause = "A few values of the samples are far larger than all others, so that nearly all values share few of the 255 steps.",
        Remedy = "Calibrate with --method=mean_squared_error or percentile, look at the samples, or exclude the layers that read the tensor.",
        Example = "quantize(ranges=\"min_max.ranges\")    # of samples with one broken picture",
    };
}
