using TransformFramework.Workflows.Benchmarking;

namespace TransformFramework.Workflows.Tests.Benchmarking;

public sealed class RunTimesTests
{
    [Fact]
    public void Sums_up_the_times_of_runs()
    {
        var times = new RunTimes([9, 1, 4, 2]);
        Assert.Equal((4, 9, 2, 1, 9), (times.Count, times.First, times.Last, times.Least, times.Greatest));
        Assert.Equal((4, 3), (times.Mean, times.Median));
        Assert.Equal(Math.Sqrt(38 / 4.0), times.Deviation, 12);
    }

    [Theory]
    [InlineData(0.95, 95)]
    [InlineData(0.5, 50)]
    [InlineData(0.001, 1)]
    [InlineData(1, 100)]
    public void A_percentile_is_a_time_that_was_measured(double share, double expected) =>
        Assert.Equal(expected, new RunTimes([.. Enumerable.Range(1, 100).Reverse().Select(time => (double)time)]).Percentile(share));

    [Fact]
    public void One_run_is_everything()
    {
        var times = new RunTimes([3]);
        Assert.Equal((3, 3, 3, 0), (times.Median, times.Percentile(0.95), times.Mean, times.Deviation));
    }
}
