using System.Globalization;
using System.Text;

namespace TransformFramework.Workflows.Reports;

/// <summary>A report as Markdown: tables without the graph.</summary>
public static class MarkdownReport
{
    private const int MostRows = 30;

    /// <summary>The report as Markdown.</summary>
    public static string Write(Report report)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {report.Command}: {Cell(report.InGraph)}{(report.OutGraph is null ? "" : " → " + Cell(report.OutGraph))}\n");
        if (report.Failure is { } failure)
            text.Append(CultureInfo.InvariantCulture, $"\n**Failed** at step {failure.Step} ({Cell(failure.Transform ?? "")}): {failure.Diagnostic.Id}: {Cell(failure.Diagnostic.Message)}\n");
        Table(text, null, ["", "", ""], report.Summary.Select(fact => new[] { fact.Label, fact.Value, fact.Detail ?? "" }));
        Table(text, "Steps", ["step", "nodes", "bytes", "ms"], report.Steps.Select(step => new[] { step.Transform, $"{step.NodesBefore} → {step.NodesAfter}", $"{Number(step.BytesBefore)} → {Number(step.BytesAfter)}", Number(step.Milliseconds) }));
        Table(text, "Candidates", ["", "SQNR dB", "points lost", "kept"], report.Candidates.Select(candidate => new[] { candidate.Name, Number(candidate.SqnrDb), Number(candidate.Loss), candidate.Chosen ? "yes" : "" }));
        Table(text, "Layers, the noisiest first", ["layer", "op", "SQNR dB", "range"], report.Layers.OrderBy(layer => layer.SqnrDb ?? double.PositiveInfinity).Select(layer => new[] { layer.Name, layer.Op, Number(layer.SqnrDb), layer.Range is { } range ? $"{Number(range.Min)} … {Number(range.Max)}" : "" }));
        Table(text, "Accuracy", ["model", "images", "top-1", "95 % interval", "top-5"], (report.Accuracy?.Models ?? []).Select(model => new[] { model.Model, Number(model.Images), Share(model.Top1, model.Images), $"{model.Interval.Min:P1} … {model.Interval.Max:P1}", Share(model.Top5, model.Images) }));
        foreach (ReportTiming timing in report.Timings)
            Table(text, $"Time of {timing.Model}: median {Number(timing.MedianMilliseconds)} ms", ["node", "op", "ms", "bytes"], timing.Nodes.Select(node => new[] { node.Name, node.Op, Number(node.Milliseconds), Number(node.Bytes) }));
        Table(text, "Diagnostics", ["id", "", "node"], report.Diagnostics.Concat(report.Steps.SelectMany(step => step.Diagnostics)).Select(diagnostic => new[] { diagnostic.Id, diagnostic.Message, diagnostic.Node ?? "" }));
        text.Append(CultureInfo.InvariantCulture, $"\n## The same again\n\n```sh\n{report.CommandLine}\n```\n");
        if (report.Script is { } script)
            text.Append(CultureInfo.InvariantCulture, $"\n```\n{script.TrimEnd()}\n```\n");
        return text.ToString();
    }

    private static void Table(StringBuilder text, string? title, string[] header, IEnumerable<string[]> rows)
    {
        string[][] all = [.. rows];
        if (all.Length == 0)
            return;
        text.Append(title is null ? "\n" : $"\n## {Cell(title)}\n\n");
        text.Append(CultureInfo.InvariantCulture, $"| {string.Join(" | ", header)} |\n|{string.Concat(header.Select(_ => "---|"))}\n");
        foreach (string[] row in all.Take(MostRows))
            text.Append(CultureInfo.InvariantCulture, $"| {string.Join(" | ", row.Select(Cell))} |\n");
        if (all.Length > MostRows)
            text.Append(CultureInfo.InvariantCulture, $"\n{all.Length - MostRows} more.\n");
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ");

    private static string Share(int part, int of) => of == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{100.0 * part / of:F2} %");

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Number(double? value) => value?.ToString("G4", CultureInfo.InvariantCulture) ?? "";
}
