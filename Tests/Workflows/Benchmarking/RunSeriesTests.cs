using TransformFramework.Workflows.Benchmarking;

namespace TransformFramework.Workflows.Tests.Benchmarking;

public sealed class RunSeriesTests
{
    [Fact]
    public void Graphs_run_by_turns()
    {
        var order = new List<string>();
        double[][] times = new RunSeries(2, TimeSpan.MaxValue, TimeSpan.Zero).Take([_ => Ran("a", 1), _ => Ran("b", 2)], CancellationToken.None);
        Assert.Equal(["a", "b", "a", "b"], order);
        Assert.Equal([[1.0, 1.0], [2.0, 2.0]], times);

        double Ran(string name, double milliseconds)
        {
            order.Add(name);
            return milliseconds;
        }
    }

    [Fact]
    public void At_least_one_run_is_made_however_long_it_takes() =>
        Assert.Single(new RunSeries(10, TimeSpan.Zero, TimeSpan.Zero).Take([_ => 1], CancellationToken.None)[0]);

    [Fact]
    public void A_pause_is_cancelled()
    {
        using var cancellation = new CancellationTokenSource();
        var series = new RunSeries(2, TimeSpan.MaxValue, TimeSpan.FromMinutes(10));
        Assert.Throws<OperationCanceledException>(() => series.Take([_ => Cancelled()], cancellation.Token));

        double Cancelled()
        {
            cancellation.Cancel();
            return 1;
        }
    }
}
