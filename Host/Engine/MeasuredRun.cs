using System.Diagnostics;

namespace TransformFramework.Engine;

/// <summary>Time and activity of one run of a session; there is none while no listener is attached.</summary>
internal sealed class MeasuredRun : IDisposable
{
    private readonly Activity? activity;
    private readonly long startTime = Stopwatch.GetTimestamp();
    private string? failure;

    private MeasuredRun(Activity? activity) => this.activity = activity;

    /// <summary>Begins a run; null when nothing listens.</summary>
    public static MeasuredRun? Start()
    {
        Activity? started = TransformEngineTelemetry.Activities.StartActivity("session.run");
        return started is null && !TransformEngineTelemetry.RunDuration.Enabled ? null : new(started);
    }

    /// <summary>Notes why the run gave no results.</summary>
    public void Fail(Exception error) => failure = error.GetType().FullName;

    public void Dispose()
    {
        TransformEngineTelemetry.RunDuration.Record(Stopwatch.GetElapsedTime(startTime).TotalSeconds, TransformEngineTelemetry.TagsOf(failure));
        TransformEngineTelemetry.End(activity, failure);
    }
}
