using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Workflows.Comparison;
using TransformFramework.Workflows.Evaluation;

namespace TransformFramework.Workflows.Reports;

/// <summary>The short result of each command, made from what its report holds.</summary>
public static class ReportSummaries
{
    /// <summary>Decibels below which answers are likely to change.</summary>
    private const double Noisy = 20;

    /// <summary>Of a script's run: nodes, size, steps, and what was measured.</summary>
    public static Report WithTransformSummary(this Report report) => report with { Summary = Facts([.. Run(report), .. Measured(report)]) };

    /// <summary>Of a quantization: agreement with the float graph first.</summary>
    public static Report WithQuantizationSummary(this Report report, Agreement agreement, string method) => report with
    {
        Summary = Facts([
            new("Same answer as float", ReportText.Percent(agreement.SameTop, agreement.Rows), $"{agreement.Samples} samples"),
            report.Accuracy is { } accuracy ? ReportText.Accuracy(accuracy) : null,
            new("Signal to noise of the outputs", ReportText.Decibels(agreement.Sqnr), agreement.Sqnr < Noisy ? "noisy: above 30 dB is good for 8 bits; see the layers" : "above 30 dB is good for 8 bits"),
            .. Run(report), new("Ranges", method, "the method that agreed best of those tried"), ReportText.Time(report.Timings), ReportText.NoisiestLayer(report.Layers)]),
    };

    /// <summary>Of a comparison: whether the models agree, and output by output.</summary>
    public static Report WithComparisonSummary(this Report report, ComparisonResult result, double tolerance) => report with
    {
        Succeeded = result.Agrees(tolerance),
        Summary = Facts([
            new("Result", result.Agrees(tolerance) ? "the graphs agree" : "the graphs differ", FormattableString.Invariant($"up to {tolerance:G3} of an output's largest magnitude is allowed")),
            result.Layers?.Entry(tolerance) is { } entry ? new("The error enters at", entry.Layer.Node.Name, $"{entry.Layer.Node.Op}, {ReportText.Decibels(entry.Layer.Comparison.Sqnr)}") : null,
            .. result.Outputs.Select(output => new ReportFact($"Output {output.Name}", ReportText.Decibels(output.Comparison.Sqnr), FormattableString.Invariant($"largest difference {output.Comparison.MaxAbsolute:G3}, same top-1 {100 * output.Comparison.SameTop:F1} %"))),
            ReportText.Time(report.Timings)]),
    };

    /// <summary>Of an evaluation.</summary>
    public static Report WithAccuracySummary(this Report report) => report with
    {
        Summary = Facts([
            ReportText.Accuracy(report.Accuracy!),
            new("Among the five best (top-5)", ReportText.Percent(report.Accuracy!.Models[^1].Top5, report.Accuracy.Models[^1].Images)),
            report.Accuracy.SameAnswers is { } same ? new("Same answer as the reference", ReportText.Percent(same, report.Accuracy.Models[0].Images)) : null]),
    };

    /// <summary>Of a calibration.</summary>
    public static Report WithCalibrationSummary(this Report report, long samples, string method) => report with
    {
        Summary = [new("Samples", samples.ToString(System.Globalization.CultureInfo.InvariantCulture)), new("Tensors with a range", report.Layers.Length.ToString(System.Globalization.CultureInfo.InvariantCulture)), new("Method", method)],
    };

    /// <summary>Of a tuning: how many layers stay float, and what is lost.</summary>
    public static Report WithTuningSummary(this Report report, int? keptFloat, int layers, double limit) => report with
    {
        Succeeded = keptFloat is not null,
        Summary = Facts([
            new("Layers kept in float", keptFloat is { } kept ? $"{kept} of {layers}" : "not found", keptFloat is null ? FormattableString.Invariant($"even with all layers in float more than {limit} points are lost: check the samples and their scaling") : null),
            report.Candidates.FirstOrDefault(candidate => candidate.Chosen)?.Loss is { } loss ? new("Points lost", FormattableString.Invariant($"{loss:F2}"), FormattableString.Invariant($"{limit} are allowed")) : null,
            .. Run(report), ReportText.Time(report.Timings), ReportText.NoisiestLayer(report.Layers)]),
    };

    /// <summary>Of a benchmark.</summary>
    public static Report WithBenchmarkSummary(this Report report, string instructionSet, int threads) => report with
    {
        Summary = Facts([ReportText.Time(report.Timings), new("Instruction set", instructionSet), new("Threads", threads.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            report.Timings[^1].Nodes is [var slowest, ..] ? new("Slowest node", ReportText.Milliseconds(slowest.Milliseconds), $"{slowest.Name} ({slowest.Op})") : null]),
    };

    private static IEnumerable<ReportFact?> Run(Report report)
    {
        if (report is { BytesRead: { } read, BytesWritten: { } written })
            yield return ReportText.Size(read, written);
        if (report.Steps is [var first, .., var last])
            yield return new("Nodes", ReportText.Change(first.NodesBefore, last.NodesAfter), $"{report.Steps.Length} steps");
        else if (report.Steps is [var only])
            yield return new("Nodes", ReportText.Change(only.NodesBefore, only.NodesAfter), "1 step");
        if (report.Check is { } check)
            yield return new("Outputs after each step", check.LargestRelativeDifference is { } largest ? FormattableString.Invariant($"within {largest:G2}") : "not finite", "of the largest magnitude");
    }

    private static IEnumerable<ReportFact?> Measured(Report report)
    {
        yield return report.Accuracy is { } accuracy ? ReportText.Accuracy(accuracy) : null;
        yield return ReportText.Time(report.Timings);
        yield return ReportText.NoisiestLayer(report.Layers);
    }

    private static ImmutableArray<ReportFact> Facts(IEnumerable<ReportFact?> facts) => [.. facts.OfType<ReportFact>()];
}
