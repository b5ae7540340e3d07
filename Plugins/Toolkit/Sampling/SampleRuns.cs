using System.Runtime.ExceptionServices;

namespace TransformFramework.Toolkit.Sampling;

/// <summary>Spreads independent work over the processors. Results come in order, so that what is summed up from them does not depend on the number of threads.</summary>
public static class SampleRuns
{
    /// <summary>Samples that take less than a millisecond go to a thread together, up to so many.</summary>
    public const int MostTogether = 16;

    private const int MostAtOnce = 16;

    /// <summary>How many samples are run at a time.</summary>
    public static int AtOnce => Math.Min(Environment.ProcessorCount, MostAtOnce);

    /// <summary>
    /// The result of each sample, in the samples' order. Samples are taken as they are needed; the next ones run while a result is used, so that one sample more than run at a time is in memory, and of samples
    /// that take less than a millisecond <see cref="MostTogether"/> times as many. What a sample throws, or taking it, is thrown in its place. No sample runs any more when the caller stops.
    /// </summary>
    /// <param name="samples">The samples; read by the caller's thread.</param>
    /// <param name="run">Computes a result; called by several threads.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <param name="atOnce">How many samples may run at a time; 0 for <see cref="AtOnce"/>.</param>
    public static IEnumerable<TResult> InOrder<TSample, TResult>(IEnumerable<TSample> samples, Func<TSample, TResult> run, CancellationToken cancellation, int atOnce = 0)
    {
        int most = atOnce > 0 ? atOnce : AtOnce;
        return most > 1 ? Spread(samples, run, most, cancellation) : samples.Select(sample =>
        {
            cancellation.ThrowIfCancellationRequested();
            return run(sample);
        });
    }

    private static IEnumerable<TResult> Spread<TSample, TResult>(IEnumerable<TSample> samples, Func<TSample, TResult> run, int atOnce, CancellationToken cancellation)
    {
        // Each group asks its turn of the pool anew, so that reading samples gets its own.
        TaskScheduler scheduler = new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, atOnce, maxItemsPerTask: 1).ConcurrentScheduler;
        var pending = new Queue<(SampleGroup<TSample, TResult> Group, Task Task)>();
        int size = 1;
        using var taken = samples.GetEnumerator();
        try
        {
            for (bool isEnd = false; !isEnd || pending.Count > 0;)
            {
                if (!isEnd)
                {
                    var group = SampleGroup<TSample, TResult>.Take(taken, size, cancellation);
                    isEnd = group.IsLast;
                    pending.Enqueue((group, Task.Factory.StartNew(() => group.Run(run, cancellation), CancellationToken.None, TaskCreationOptions.DenyChildAttach, scheduler)));
                }
                if (!isEnd && pending.Count <= atOnce)
                    continue;
                var (done, task) = pending.Dequeue();
                task.GetAwaiter().GetResult();
                foreach (TResult result in done.Results)
                    yield return result;
                done.Failure?.Throw();
                size = done.NextSize;
            }
        }
        finally
        {
            Task.WaitAll(pending.Select(next => next.Task), CancellationToken.None);
        }
    }

    /// <summary>Calls an action for each number from 0 on, on all processors. The first exception is thrown as it was.</summary>
    public static void Each(int count, Action<int> action, CancellationToken cancellation)
    {
        try
        {
            Parallel.For(0, count, new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount }, action);
        }
        catch (AggregateException error)
        {
            ExceptionDispatchInfo.Throw(error.Flatten().InnerExceptions[0]);
        }
    }
}
