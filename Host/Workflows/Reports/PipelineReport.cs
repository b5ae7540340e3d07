using System.Collections.Immutable;
using TransformFramework.Engine.Pipeline;

namespace TransformFramework.Workflows.Reports;

/// <summary>The report of a script's run.</summary>
public static class PipelineReport
{
    /// <summary>The report with the steps, diagnostics and failure of a run.</summary>
    public static Report WithRun(this Report report, PipelineResult result, StepCheck? check = null) => report with
    {
        Succeeded = result.Failure is null,
        Check = check is null ? null : new(check.Compared, double.IsFinite(check.Largest) ? check.Largest : null),
        Steps = [.. result.Steps.Select(Step)],
        Diagnostics = [.. result.Diagnostics.Select(ReportDiagnostic.Of)],
        Failure = result.Failure is { } failure ? new(failure.Step + 1, failure.Call?.QualifiedName, failure.Kind.ToString(), ReportDiagnostic.Of(failure.Diagnostic)) : null,
    };

    private static ReportStep Step(StepRecord step) => new()
    {
        Transform = step.Call.QualifiedName,
        NodesBefore = step.NodesBefore,
        NodesAfter = step.NodesAfter,
        BytesBefore = step.BytesBefore,
        BytesAfter = step.BytesAfter,
        Milliseconds = step.Duration.TotalMilliseconds,
        Ignored = step.IsIgnored,
        Statistics = step.Statistics.ToImmutableSortedDictionary(statistic => statistic.Name, statistic => statistic.Count, StringComparer.Ordinal),
        Diagnostics = [.. step.Diagnostics.Select(ReportDiagnostic.Of)],
        Explanations = [.. step.Explanations.Select(explanation => new ReportExplanation(explanation.Node, explanation.Reason))],
    };
}
