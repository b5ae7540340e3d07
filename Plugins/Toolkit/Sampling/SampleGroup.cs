using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace TransformFramework.Toolkit.Sampling;

/// <summary>Samples in a row that run on one thread: as many as take about a millisecond, so that handing them to a thread costs little beside.</summary>
internal sealed class SampleGroup<TSample, TResult>
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(0.5);
    private static readonly TimeSpan Long = TimeSpan.FromMilliseconds(2);

    private readonly List<TSample> samples = [];
    private readonly List<TResult> results = [];
    private TimeSpan time;

    /// <summary>The results of the samples before the first that fails.</summary>
    public IReadOnlyList<TResult> Results => results;

    /// <summary>What the first sample that fails throws, or taking the one after the last; null when none does.</summary>
    public ExceptionDispatchInfo? Failure { get; private set; }

    /// <summary>True when there are no samples after it.</summary>
    public bool IsLast { get; private set; }

    /// <summary>How many samples the next group is to have.</summary>
    public int NextSize => time < Short ? Math.Min(SampleRuns.MostTogether, samples.Count * 2) : time > Long ? Math.Max(1, samples.Count / 2) : samples.Count;

    /// <summary>The next samples.</summary>
    public static SampleGroup<TSample, TResult> Take(IEnumerator<TSample> samples, int size, CancellationToken cancellation)
    {
        var group = new SampleGroup<TSample, TResult>();
        try
        {
            while (group.samples.Count < size && !group.IsLast)
            {
                cancellation.ThrowIfCancellationRequested();
                if (samples.MoveNext())
                    group.samples.Add(samples.Current);
                else
                    group.IsLast = true;
            }
        }
        catch (Exception error)
        {
            group.Failure = ExceptionDispatchInfo.Capture(error);
            group.IsLast = true;
        }
        return group;
    }

    /// <summary>Computes the results.</summary>
    public void Run(Func<TSample, TResult> run, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        try
        {
            foreach (TSample sample in samples)
            {
                cancellation.ThrowIfCancellationRequested();
                results.Add(run(sample));
            }
        }
        catch (Exception error)
        {
            Failure = ExceptionDispatchInfo.Capture(error);
        }
        time = Stopwatch.GetElapsedTime(start);
    }
}
