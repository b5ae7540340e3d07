using System.Globalization;
using TransformFramework.Workflows.Evaluation;

namespace TransformFramework.Cli.Rendering;

/// <summary>Says how accurate a graph is.</summary>
internal static class AccuracyText
{
    /// <summary>The accuracy of a graph beside that of the graph it came from.</summary>
    public static string Describe(Accuracy before, Accuracy after) =>
        $"accuracy on {after.Images} images: {Share(before.Top1, before)} before, {Share(after.Top1, after)} after{Interval(after.Top1, after)}; same answer on {Share(after.SameAs(before), after)}{Interval(after.SameAs(before), after)}";

    /// <summary>A count with its share of all images.</summary>
    public static string Share(int count, Accuracy accuracy) => Accuracy.Share(count, accuracy.Images);

    /// <summary>What a count among these images says of the share among all, to follow it.</summary>
    public static string Interval(int count, Accuracy accuracy) => Interval(count, accuracy.Images);

    /// <summary>What a count among these images says of the share among all, to follow it.</summary>
    public static string Interval(int count, int images) => $" (95 %: {Ends(ShareInterval.Of(count, images))})";

    /// <summary>The ends of an interval of a share, in percent.</summary>
    public static string Ends(ShareInterval interval) => string.Create(CultureInfo.InvariantCulture, $"{100 * interval.Low:0.0}–{100 * interval.High:0.0}");

    /// <summary>Signal to noise with its interval, that there is no difference, or that there is no ratio.</summary>
    public static string Difference(SignalToNoise noise) => noise switch
    {
        { Decibels: double.PositiveInfinity } => "no difference",
        { Decibels: double.NegativeInfinity } => "NaN or infinite numbers on one side only",
        { Interval: var (low, high) } => string.Create(CultureInfo.InvariantCulture, $"SQNR {noise.Decibels:F1} dB (95 %: {low:F1}–{high:F1})"),
        _ => string.Create(CultureInfo.InvariantCulture, $"SQNR {noise.Decibels:F1} dB"),
    };
}
