using System.Globalization;
using TransformFramework.Workflows.Evaluation;

namespace TransformFramework.Cli.Rendering;

/// <summary>Says how accurate a graph is.</summary>
internal static class AccuracyText
{
    /// <summary>The accuracy of a graph beside that of the graph it came from.</summary>
    public static string Describe(Accuracy before, Accuracy after) =>
        $"accuracy on {after.Pictures} pictures: {Share(before.Top1, before)} before, {Share(after.Top1, after)} after; same answer on {Share(after.SameAs(before), after)}";

    /// <summary>A count with its share of all images.</summary>
    public static string Share(int count, Accuracy accuracy) =>
        string.Create(CultureInfo.InvariantCulture, $"{100.0 * count / Math.Max(1, accuracy.Pictures):0.00} % ({count})");
}
