using System.Globalization;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Workflows.Comparison;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Evaluation;
using TransformFramework.Workflows.Inspection;
using TransformFramework.Workflows.Progress;

namespace TransformFramework.Workflows.Quantization;

/// <summary>A whole quantization: looks at the samples, searches for the best 8-bit graph, and measures what it costs.</summary>
/// <param name="quantization">How one graph is quantized.</param>
/// <param name="graph">The float graph.</param>
/// <param name="samples">Gives the samples from the first on.</param>
/// <param name="search">Finds the best 8-bit graph on these samples.</param>
public sealed class QuantizationRun(StaticQuantization quantization, Graph graph, Func<IEnumerable<IReadOnlyDictionary<string, Tensor>>> samples, QuantizationSearch search)
{
    private const double Percent = 100;

    /// <summary>Points of accuracy that a quantization may lose without a word.</summary>
    private const double MostPoints = 2;

    private const int WorstLayers = 3;

    /// <summary>The accuracy of a graph on labelled images; null measures none.</summary>
    public Func<Graph, Accuracy>? Accuracy { get; init; }

    /// <summary>The share of answers like the float graph's, in percent, below which <see cref="Warn"/> is told.</summary>
    public double Threshold { get; init; } = 97;

    /// <summary>Receives what a beginner may have missed, as it is found.</summary>
    public Action<Diagnostic> Warn { get; init; } = _ => { };

    /// <summary>Quantizes.</summary>
    /// <param name="progress">Receives how far the work is.</param>
    /// <exception cref="FeedException">A sample or labelled image cannot be read or does not fit.</exception>
    /// <exception cref="Engine.Pipeline.PipelineException">A step fails.</exception>
    public QuantizationOutcome Run(IProgress<WorkProgress>? progress)
    {
        Accuracy? before = Accuracy?.Invoke(graph);
        if (before?.ShiftedLabels is { } shifted)
            Warn(shifted);
        Survey();
        QuantizationAttempt best = search.Best(graph, progress);
        Accuracy? after = Accuracy?.Invoke(best.Result.Graph!);
        if (best.Agreement.Share * Percent < Threshold)
            Warn(LowAgreement(best));
        if (before is not null && after is not null && before.Percent(before.Top1) - after.Percent(after.Top1) is var lost && lost > MostPoints)
            Warn(WorkflowsDiagnostics.AccuracyLost.With(lost) with { Suggestion = Keeping(Compared(best)) ?? WorkflowsDiagnostics.AccuracyLost.Remedy });
        return new(best, before is null || after is null ? null : (before, after));
    }

    private void Survey()
    {
        SampleSurvey survey = SampleSurvey.Of(graph, samples(), quantization.Cancellation);
        if (survey.First is { } first)
        {
            FeedArguments.CheckComplete(graph, quantization.Outputs, first);
            if (NotFiniteOrigin.Diagnose(quantization.Backend, graph, quantization.Outputs, first, Feeding(first), quantization.Cancellation) is { } origin)
                Warn(origin);
        }
        foreach (Diagnostic warning in survey.Warnings)
            Warn(warning);
    }

    private LayerComparison Compared(QuantizationAttempt attempt)
    {
        var feeds = samples().First();
        return LayerComparison.Of(quantization.Backend, attempt.Prepared, attempt.Result.Graph!, quantization.Outputs, feeds, Feeding(feeds), quantization.Cancellation);
    }

    /// <summary>How the layers that lose most are kept in float; null where none loses.</summary>
    private static string? Keeping(LayerComparison layers)
    {
        string[] names = [.. layers.WorstLayers(WorstLayers).Select(node => node.Name)];
        return names.Length == 0 ? null : $"Most is lost at {string.Join(", ", names.Select(name => $"'{name}'"))}; --arguments='{string.Join(", ", names.Select(name => $"exclude={QuantizationScript.Quoted(name)}"))}' keeps them float; 'transform_graph tune' searches for the fewest.";
    }

    private Diagnostic LowAgreement(QuantizationAttempt attempt)
    {
        LayerComparison layers = Compared(attempt);
        string where = layers.Entry(tolerance: 0) is { } entry ? string.Create(CultureInfo.InvariantCulture, $"; most is lost at '{entry.Layer.Node.Name}' ({entry.Layer.Comparison.Sqnr:F1} dB)") : "";
        return WorkflowsDiagnostics.LowAgreement.With(attempt.Agreement.Share * Percent, where) with { Suggestion = Keeping(layers) is { } keeping ? $"Give more and more typical samples, or keep layers in float. {keeping}" : WorkflowsDiagnostics.LowAgreement.Remedy };
    }

    private static CompileOptions Feeding(IReadOnlyDictionary<string, Tensor> feeds) => new() { Feeds = [.. feeds.Keys] };
}

/// <summary>What a quantization gave.</summary>
/// <param name="Best">The 8-bit graph, and how well it agrees with the float one.</param>
/// <param name="Accuracy">Accuracy on labelled images before and after; null when none was measured.</param>
public sealed record QuantizationOutcome(QuantizationAttempt Best, (Accuracy Before, Accuracy After)? Accuracy);
