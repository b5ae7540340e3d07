using System.Text.Json;
using System.Text.Json.Serialization;
using TransformFramework.Diagnostics;
using TransformFramework.Engine.Pipeline;

namespace TransformFramework.Workflows.Reports;

/// <summary>A run as JSON.</summary>
public static class RunReport
{
    private static readonly JsonSerializerOptions Options = new() { WriteIndented = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonSerializerOptions Compact = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string ToJson(PipelineResult result, string input, string? output, long? bytesWritten, StepCheck? check = null) => Serialize(new
    {
        schema_version = 1,
        in_graph = input,
        out_graph = output,
        bytes_written = bytesWritten,
        succeeded = result.Failure is null,
        check = check is null ? null : new { steps = check.Compared, largest_relative_difference = double.IsFinite(check.Largest) ? check.Largest : (double?)null },
        steps = result.Steps.Select(step => new
        {
            transform = step.Call.QualifiedName,
            nodes_before = step.NodesBefore,
            nodes_after = step.NodesAfter,
            bytes_before = step.BytesBefore,
            bytes_after = step.BytesAfter,
            milliseconds = step.Duration.TotalMilliseconds,
            ignored = step.IsIgnored,
            statistics = step.Statistics.ToDictionary(statistic => statistic.Name, statistic => statistic.Count, StringComparer.Ordinal),
            diagnostics = step.Diagnostics.Select(Describe),
            explanations = step.Explanations.Select(explanation => new { node = explanation.Node, reason = explanation.Reason }),
        }),
        diagnostics = result.Diagnostics.Select(Describe),
        failure = result.Failure is { } failure
            ? new { step = failure.Step + 1, transform = failure.Call?.QualifiedName, status = failure.Kind.ToString(), diagnostic = Describe(failure.Diagnostic) }
            : null,
    });

    /// <summary>An object as JSON in one line.</summary>
    public static string SerializeLine(object report) => JsonSerializer.Serialize(report, Compact);

    /// <summary>An object as JSON.</summary>
    public static string Serialize(object report) => JsonSerializer.Serialize(report, Options);

    public static object Describe(Diagnostic diagnostic) => new
    {
        id = diagnostic.Id,
        severity = diagnostic.Severity.ToString().ToLowerInvariant(),
        message = diagnostic.Message,
        node = diagnostic.Node,
        line = diagnostic.Span?.Line,
        column = diagnostic.Span?.Column,
        suggestion = diagnostic.Suggestion,
    };
}
