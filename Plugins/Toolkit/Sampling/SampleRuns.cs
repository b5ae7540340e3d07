using System.Runtime.ExceptionServices;

namespace TransformFramework.Toolkit.Sampling;

/// <summary>Spreads independent work over the processors. Results come in order, so that what is summed up from them does not depend on the number of threads.</summary>
public static class SampleRuns
{
    private const int MostAtOnce = 16;

    /// <summary>How many samples are in memory at a time.</summary>
    public static int AtOnce => Math.Min(Environment.ProcessorCount, MostAtOnce);

    /// <summary>The result of each sample, in the samples' order. Samples are taken as they are needed.</summary>
    /// <param name="samples">The samples; read by one thread.</param>
    /// <param name="run">Computes a result; called by several threads.</param>
    /// <param name="cancellation">Ends the work.</param>
    public static IEnumerable<TResult> InOrder<TSample, TResult>(IEnumerable<TSample> samples, Func<TSample, TResult> run, CancellationToken cancellation)
    {
        foreach (TSample[] some in samples.Chunk(AtOnce))
        {
            var results = new TResult[some.Length];
            Each(some.Length, i => results[i] = run(some[i]), cancellation);
            foreach (TResult result in results)
                yield return result;
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
