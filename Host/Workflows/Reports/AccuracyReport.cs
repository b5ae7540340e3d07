using System.Collections.Immutable;
using TransformFramework.Engine.Models;
using TransformFramework.Graphs;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Evaluation;

namespace TransformFramework.Workflows.Reports;

/// <summary>The report of right answers: interval, confusion, and the worst images.</summary>
public static class AccuracyReport
{
    private const int ShownClasses = 40;

    /// <summary>The 97.5 % quantile of the normal distribution.</summary>
    private const double Z = 1.959964;

    /// <summary>Judges one model, or a model against a reference.</summary>
    /// <param name="reference">The reference and its name, or null.</param>
    /// <param name="judged">The model and its name.</param>
    /// <param name="thumbnailOf">Gives a thumbnail of an image by its number as a <c>data:</c> address, see <see cref="ThumbnailsOf"/>.</param>
    public static ReportAccuracy Of((string Model, Accuracy Accuracy)? reference, (string Model, Accuracy Accuracy) judged, Func<int, string?> thumbnailOf)
    {
        var (model, accuracy) = judged;
        ImmutableArray<ReportAccuracyOfModel> models = reference is { } other ? [Model(other.Model, other.Accuracy), Model(model, accuracy)] : [Model(model, accuracy)];
        var worst = accuracy.Worst.Select(sample => new ReportSample(sample.Image, sample.Label, sample.Answer, reference?.Accuracy.Answers[sample.Image], float.IsFinite(sample.Margin) ? sample.Margin : null, thumbnailOf(sample.Image)));
        return new(models, reference?.Accuracy.SameAs(accuracy), Confusion(accuracy), [.. worst]);
    }

    /// <summary>Thumbnails of labelled images as a model takes them; none when its input is no image, or they are not read by their number.</summary>
    /// <exception cref="FeedException">The images cannot be read.</exception>
    public static Func<int, string?> ThumbnailsOf(ModelEndpoints endpoints, string? inputName, string data)
    {
        Node input = GraphInputs.Resolve(endpoints, inputName);
        var images = LabelledImages.Open(endpoints, input, data);
        return i => images.Count is null ? null : Thumbnail.Of(images.Batch(i, 1));
    }

    /// <summary>Wilson's score interval of a share, at 95 %.</summary>
    internal static ReportRange Interval(int right, int of)
    {
        if (of == 0)
            return new(0, 1);
        double share = (double)right / of;
        double denominator = 1 + Z * Z / of;
        double center = (share + Z * Z / (2 * of)) / denominator;
        double half = Z * Math.Sqrt(share * (1 - share) / of + Z * Z / (4.0 * of * of)) / denominator;
        return new(Math.Max(0, center - half), Math.Min(1, center + half));
    }

    private static ReportAccuracyOfModel Model(string model, Accuracy accuracy) => new(model, accuracy.Images, accuracy.Top1, accuracy.Top5, Interval(accuracy.Top1, accuracy.Images));

    private static ReportConfusion Confusion(Accuracy accuracy)
    {
        var counts = accuracy.Confusion;
        var mistakes = counts.Where(entry => entry.Key.Label != entry.Key.Answer).SelectMany(entry => new[] { (Class: entry.Key.Label, Count: entry.Value), (Class: entry.Key.Answer, Count: entry.Value) })
            .GroupBy(entry => entry.Class).ToDictionary(group => group.Key, group => group.Sum(entry => entry.Count));
        int[] occurring = [.. counts.Keys.SelectMany(pair => new[] { pair.Label, pair.Answer }).Distinct().OrderByDescending(item => mistakes.GetValueOrDefault(item)).ThenBy(item => item)];
        int[] shown = [.. occurring.Take(ShownClasses).Order()];
        return new([.. shown], occurring.Length - shown.Length, [.. shown.Select(label => shown.Select(answer => counts.GetValueOrDefault((label, answer))).ToImmutableArray())]);
    }
}
