using System.Diagnostics;

namespace TransformFramework.Workflows.Progress;

/// <summary>Counts the units of one phase and reports them.</summary>
/// <param name="progress">Receives the reports; null reports nothing.</param>
/// <param name="phase">Name of the phase.</param>
/// <param name="total">Units of the phase; null where it is unknown.</param>
public sealed class ProgressMeter(IProgress<WorkProgress>? progress, string phase, long? total = null)
{
    private readonly long started = Stopwatch.GetTimestamp();
    private long done;

    /// <summary>The best result so far, for people.</summary>
    public string? Best { get; set; }

    /// <summary>Reports that the phase begins.</summary>
    public ProgressMeter Start()
    {
        progress?.Report(new(phase, 0, total) { Best = Best });
        return this;
    }

    /// <summary>Reports that one more unit is done.</summary>
    public void Step()
    {
        done++;
        if (progress is null)
            return;
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        progress.Report(new(phase, done, total) { PerSecond = seconds > 0 ? done / seconds : null, Best = Best });
    }

    /// <summary>The items, each counted when the next is asked for.</summary>
    public IEnumerable<T> Count<T>(IEnumerable<T> items)
    {
        Start();
        foreach (T item in items)
        {
            yield return item;
            Step();
        }
    }
}
