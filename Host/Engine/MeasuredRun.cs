using System.Diagnostics;

namespace TransformFramework.Engine;

/// <summary>Time and activity of one run of a session; there is none while no listener is attached.</summary>
internal sealed class MeasuredRun : IDisposable
{
    private readonly Activity? activity;
    private readonly long startTime = Stopwatch.GetTimestamp();
    private bool succeeded;

    private MeasuredRun(Activity? activity) => this.activity = activity;

    /// <summary>Begins a run; null when nothing listens.</summary>
    public static MeasuredRun? Start()
    {
        Activity? started = TransformEngineTelemetry.Activities.StartActivity("session.run");
        return started is null && !TransformEngineTelemetry.RunDuration.Enabled ? null : new(started);
    }

    /// <summary>Notes that the run gave its results.</summary>
    public void Succeed() => succeeded = true;

    public void Dispose()
    {
        string outcome = succeeded ? TransformEngineTelemetry.Succeeded : TransformEngineTelemetry.Failed;
        TransformEngineTelemetry.RunDuration.Record(Stopwatch.GetElapsedTime(startTime).TotalSeconds, new KeyValuePair<string, object?>("outcome", outcome));
        activity?.SetStatus(succeeded ? ActivityStatusCode.Ok : ActivityStatusCode.Error);
        activity?.Dispose();
    }
}
