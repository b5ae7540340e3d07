using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace TransformFramework.Engine;

/// <summary>
/// What an engine tells the listeners of .NET's diagnostics, named by the rules of OpenTelemetry. Instruments, in seconds: <c>transformframework.step.duration</c> (tag <c>transformframework.transform</c>) and
/// <c>transformframework.session.run.duration</c>. Activities: <c>transform</c> for a pipeline, <c>session.run</c> for a run. What failed has the tag <c>error.type</c>: the exception's type, or the id of
/// the diagnostic. No tag holds a file name.
/// </summary>
public static class TransformEngineTelemetry
{
    /// <summary>Name of the <see cref="ActivitySource"/> and of the <see cref="Meter"/>.</summary>
    public const string SourceName = "TransformFramework";

    private static readonly string? Version = typeof(TransformEngineTelemetry).Assembly.GetName().Version?.ToString(fieldCount: 3);

    internal static readonly ActivitySource Activities = new(SourceName, Version);

    private static readonly Meter Meter = new(SourceName, Version);

    /// <summary>A run lasts from microseconds to minutes; the usual boundaries begin at 5 ms.</summary>
    private static readonly InstrumentAdvice<double> Boundaries = new() { HistogramBucketBoundaries = [0.00005, 0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60] };

    internal static readonly Histogram<double> StepDuration = Meter.CreateHistogram("transformframework.step.duration", "s", "Time of one transform.", tags: null, Boundaries);

    internal static readonly Histogram<double> RunDuration = Meter.CreateHistogram("transformframework.session.run.duration", "s", "Time of one run of a session.", tags: null, Boundaries);

    /// <summary>The tags of what succeeded, or failed for a reason.</summary>
    internal static TagList TagsOf(string? failure) => failure is null ? default : new() { { "error.type", failure } };

    /// <summary>Ends an activity; one that succeeded keeps its status unset, for who watches it to decide.</summary>
    internal static void End(Activity? activity, string? failure)
    {
        if (failure is not null)
            activity?.SetStatus(ActivityStatusCode.Error).SetTag("error.type", failure);
        activity?.Dispose();
    }
}
