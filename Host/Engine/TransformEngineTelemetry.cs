using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace TransformFramework.Engine;

/// <summary>
/// What an engine tells the listeners of .NET's diagnostics. Instruments, in seconds: <c>transformframework.step.duration</c> (tags <c>transform</c>, <c>outcome</c>) and
/// <c>transformframework.session.run.duration</c> (tag <c>outcome</c>). Activities: <c>transform</c> for a pipeline, <c>session.run</c> for a run. No tag holds a file name.
/// </summary>
public static class TransformEngineTelemetry
{
    /// <summary>Name of the <see cref="ActivitySource"/> and of the <see cref="Meter"/>.</summary>
    public const string SourceName = "TransformFramework";

    internal const string Succeeded = "ok";
    internal const string Failed = "error";

    internal static readonly ActivitySource Activities = new(SourceName);

    private static readonly Meter Meter = new(SourceName);

    internal static readonly Histogram<double> StepDuration = Meter.CreateHistogram<double>("transformframework.step.duration", "s", "Time of one transform.");

    internal static readonly Histogram<double> RunDuration = Meter.CreateHistogram<double>("transformframework.session.run.duration", "s", "Time of one run of a session.");
}
