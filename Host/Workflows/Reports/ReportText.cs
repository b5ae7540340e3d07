using System.Globalization;

namespace TransformFramework.Workflows.Reports;

/// <summary>Values as a summary shows them.</summary>
internal static class ReportText
{
    /// <summary>A size: 12.3 MB.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        < 1_000 => FormattableString.Invariant($"{bytes} B"),
        < 1_000_000 => FormattableString.Invariant($"{bytes / 1e3:F1} kB"),
        < 1_000_000_000 => FormattableString.Invariant($"{bytes / 1e6:F1} MB"),
        _ => FormattableString.Invariant($"{bytes / 1e9:F2} GB"),
    };

    /// <summary>A part of a whole: 98.3 %.</summary>
    public static string Percent(double part, double whole) => whole == 0 ? "–" : FormattableString.Invariant($"{100 * part / whole:F1} %");

    /// <summary>Signal to noise: 38.2 dB; equal when infinite.</summary>
    public static string Decibels(double sqnr) => double.IsPositiveInfinity(sqnr) ? "equal" : FormattableString.Invariant($"{sqnr:F1} dB");

    /// <summary>A time: 3.42 ms, 12.3 s.</summary>
    public static string Milliseconds(double milliseconds) => milliseconds switch
    {
        < 100 => FormattableString.Invariant($"{milliseconds:G3} ms"),
        < 10_000 => FormattableString.Invariant($"{milliseconds:F0} ms"),
        _ => FormattableString.Invariant($"{milliseconds / 1e3:F1} s"),
    };

    /// <summary>A number that changed, or one that did not.</summary>
    public static string Change(long before, long after) => before == after ? before.ToString("N0", CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{before:N0} → {after:N0}");

    /// <summary>A size that changed: the sizes, and the share that is left.</summary>
    public static ReportFact Size(long before, long after) => new("Size", $"{Bytes(before)} → {Bytes(after)}", before > 0 ? $"{Percent(after, before)} of before" : null);

    /// <summary>Right answers, with their interval.</summary>
    public static ReportFact Accuracy(ReportAccuracy accuracy)
    {
        ReportAccuracyOfModel last = accuracy.Models[^1];
        string interval = FormattableString.Invariant($"between {100 * last.Interval.Min:F1} and {100 * last.Interval.Max:F1} % with 95 % confidence, by {last.Images} images");
        return accuracy.Models is [var before, _]
            ? new("Accuracy (top-1)", $"{Percent(before.Top1, before.Images)} → {Percent(last.Top1, last.Images)}", interval)
            : new("Accuracy (top-1)", Percent(last.Top1, last.Images), interval);
    }

    /// <summary>Median times of one model, or of two.</summary>
    public static ReportFact? Time(IReadOnlyList<ReportTiming> timings) => timings switch
    {
        [] => null,
        [var only] => new("Time of a run", Milliseconds(only.MedianMilliseconds), "median"),
        [var before, .., var after] => new("Time of a run", $"{Milliseconds(before.MedianMilliseconds)} → {Milliseconds(after.MedianMilliseconds)}", FormattableString.Invariant($"{before.MedianMilliseconds / after.MedianMilliseconds:F2} times as fast, on this machine")),
    };

    /// <summary>The noisiest layer.</summary>
    public static ReportFact? NoisiestLayer(IEnumerable<ReportLayer> layers) =>
        layers.Where(layer => layer.SqnrDb is not null).MinBy(layer => layer.SqnrDb) is { } worst ? new("Noisiest layer", Decibels(worst.SqnrDb!.Value), worst.Name) : null;
}
