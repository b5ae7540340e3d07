using TransformFramework.Graphs;
using TransformFramework.Workflows.Quantization;
using TransformFramework.Workflows.Tuning;

namespace TransformFramework.Workflows.Reports;

/// <summary>What a report shows of a quantization: the graph over the steps, the layers before and after, run times.</summary>
public static class QuantizationReport
{
    /// <summary>The report of an attempt, whose script runs once more so that every step can be shown.</summary>
    /// <exception cref="Engine.Pipeline.PipelineException">A step fails.</exception>
    public static Report Fill(Report report, StaticQuantization quantization, Graph graph, QuantizationAttempt attempt, IEnumerable<IReadOnlyDictionary<string, Tensor>> samples)
    {
        var history = new GraphHistory(graph);
        quantization.AfterStep = history.Add;
        Graph prepared = quantization.Prepare(graph, attempt.Script).Graph!;
        quantization.Quantize(prepared, StaticQuantization.ContentOf(attempt.Ranges), attempt.Script, attempt.Samples);
        quantization.AfterStep = null;
        return Measured(report, quantization, graph, attempt.Prepared, attempt.Result.Graph!, attempt.Ranges, samples) with
        {
            Script = attempt.Script.Source.Text,
            Graph = history.ToReport(quantization.Inputs, quantization.Outputs),
        };
    }

    /// <summary>The report of a tuning: candidates, and the graph that was kept.</summary>
    public static Report Fill(Report report, StaticQuantization quantization, Graph graph, TuningResult result, IEnumerable<IReadOnlyDictionary<string, Tensor>> samples)
    {
        report = report with
        {
            Script = result.Script,
            Candidates =
            [
                .. result.Tuning.Measured.OrderBy(entry => entry.Key).Select(entry => new ReportCandidate($"{entry.Key} of {result.Ranked.Count} layers in float", SqnrDb: null, entry.Value, entry.Key == result.KeptFloat)),
                .. result.Ranked.Select(layer => new ReportCandidate($"only {layer.Node} in 8 bits", double.IsFinite(layer.Sqnr) ? layer.Sqnr : null, Loss: null, Chosen: false)),
            ],
            Graph = result.Graph is null ? GraphHistory.Single(graph, quantization.Inputs, quantization.Outputs) : GraphHistory.Pair(graph, result.Graph, quantization.Inputs, quantization.Outputs),
        };
        return result.Graph is { } kept ? Measured(report, quantization, graph, graph, kept, result.Ranges, samples) : report;
    }

    private static Report Measured(Report report, StaticQuantization quantization, Graph graph, Graph prepared, Graph quantized, Toolkit.Calibration.RangeFile ranges, IEnumerable<IReadOnlyDictionary<string, Tensor>> samples)
    {
        IReadOnlyDictionary<string, Tensor>[] some = [.. samples.Take(LayerProfile.Samples)];
        return report with
        {
            Layers = LayerProfile.Of(quantization.Backend, prepared, quantized, quantization.Outputs, some, ranges, quantization.Cancellation),
            Timings = TimingReport.Measure(quantization.Backend, [("float", graph), ("8 bits", quantized)], quantization.Outputs, some[0], quantization.Cancellation),
        };
    }
}
