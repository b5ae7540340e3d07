using TransformFramework.Toolkit.Sampling;

namespace TransformFramework.Toolkit.Tests.Sampling;

public sealed class SampleRunsTests
{
    public static TheoryData<int> AtOnce => [1, 2, 3, 16];

    [Theory]
    [MemberData(nameof(AtOnce))]
    public void Results_come_in_the_order_of_the_samples(int atOnce) =>
        Assert.Equal(Enumerable.Range(0, 1000).Select(sample => sample * 3), SampleRuns.InOrder(Enumerable.Range(0, 1000), Tripled, CancellationToken.None, atOnce));

    [Theory]
    [MemberData(nameof(AtOnce))]
    public void No_more_samples_run_at_a_time_than_may(int atOnce)
    {
        int running = 0, most = 0;
        var gate = new Lock();
        foreach (int _ in SampleRuns.InOrder(Enumerable.Range(0, 200), Counted, CancellationToken.None, atOnce))
            continue;
        Assert.InRange(most, 1, atOnce);

        int Counted(int sample)
        {
            lock (gate)
                most = Math.Max(most, ++running);
            Thread.SpinWait(1000);
            lock (gate)
                running--;
            return sample;
        }
    }

    /// <summary>What fails, and what came before it, does not depend on the number of threads.</summary>
    [Theory]
    [MemberData(nameof(AtOnce))]
    public void The_first_failure_in_the_order_of_the_samples_is_thrown_behind_the_results_before_it(int atOnce)
    {
        foreach (var (unreadable, failing) in new[] { (50, 49), (50, 51), (0, 7), (7, 0), (300, 299) })
        {
            var seen = new List<int>();
            var results = SampleRuns.InOrder(Samples(unreadable), sample => sample == failing ? throw new InvalidOperationException("run") : sample, CancellationToken.None, atOnce);
            var error = Assert.Throws<InvalidOperationException>(() =>
            {
                foreach (int result in results)
                    seen.Add(result);
            });
            Assert.Equal(failing < unreadable ? "run" : "read", error.Message);
            Assert.Equal(Enumerable.Range(0, Math.Min(unreadable, failing)), seen);
        }
    }

    [Theory]
    [MemberData(nameof(AtOnce))]
    public void Nothing_runs_any_more_when_the_caller_stops(int atOnce)
    {
        int running = 0;
        foreach (int result in SampleRuns.InOrder(Enumerable.Range(0, 10_000), Counted, CancellationToken.None, atOnce))
        {
            if (result == 100)
                break;
        }
        Assert.Equal(0, Volatile.Read(ref running));

        int Counted(int sample)
        {
            Interlocked.Increment(ref running);
            Thread.SpinWait(1000);
            Interlocked.Decrement(ref running);
            return sample;
        }
    }

    [Theory]
    [MemberData(nameof(AtOnce))]
    public void A_cancelled_run_ends(int atOnce)
    {
        using var source = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => SampleRuns.InOrder(Samples(int.MaxValue), Cancelling, source.Token, atOnce).Count());

        int Cancelling(int sample)
        {
            if (sample == 500)
                source.Cancel();
            return sample;
        }
    }

    private static int Tripled(int sample) => sample * 3;

    /// <summary>Numbers, of which one cannot be taken.</summary>
    private static IEnumerable<int> Samples(int unreadable)
    {
        for (int sample = 0; ; sample++)
            yield return sample == unreadable ? throw new InvalidOperationException("read") : sample;
    }
}
