using TransformFramework.Cli.Rendering;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Workflows.Benchmarking;

namespace TransformFramework.Cli.Tests.Rendering;

/// <summary>The tables in the columns of the original.</summary>
public sealed class StatTablesTests
{
    private static readonly Node Convolution = new("conv", "Conv2D");
    private static readonly Node Activation = new("relu", "Relu");

    [Theory]
    [InlineData("count=0")]
    [InlineData("count=1 curr=5", 5)]
    [InlineData("count=2 curr=5(all same)", 5, 5)]
    [InlineData("count=3 first=4 curr=9 min=2 max=9 avg=5 std=2", 4, 2, 9)]
    [InlineData("count=3 first=1000000 curr=1000000 min=1000000 max=1000001 avg=1E+06 std=0", 1000000, 1000001, 1000000)]
    public void A_series_is_shown_in_one_line(string expected, params int[] values) => Assert.Equal(expected, StatTables.Series([.. values.Select(value => (long)value)]));

    [Fact]
    public void Nodes_are_shown_in_run_order_by_time_and_by_memory()
    {
        var tables = new StatTables(Recorded());
        const string Header = "\t             [node type]\t          [start]\t  [first]\t [avg ms]\t     [%]\t  [cdf%]\t  [mem KB]\t[times called]\t[Name]\n";
        const string Conv = "\t                  Conv2D\t            0.500\t    2.000\t    3.000\t 75.000%\t";
        const string Relu = "\t                    Relu\t            4.000\t    1.000\t    1.000\t 25.000%\t";
        Assert.Equal($"============================== Run Order ==============================\n{Header}{Conv} 75.000%\t     1.500\t        1\tconv\n{Relu}100.000%\t     2.000\t        1\trelu\n\n", tables.InRunOrder(0));
        Assert.Equal($"============================== Top by Memory Use ==============================\n{Header}{Relu} 25.000%\t     2.000\t        1\trelu\n\n", tables.ByMemory(1));
        Assert.StartsWith($"============================== Top by Computation Time ==============================\n{Header}{Conv}", tables.ByTime(10), StringComparison.Ordinal);
    }

    [Fact]
    public void The_summary_tells_times_in_microseconds_and_memory_in_bytes() =>
        Assert.Equal("Timings (microseconds): count=2 first=3000 curr=5000 min=3000 max=5000 avg=4000 std=1000\nMemory (bytes): count=2 curr=3500(all same)\n2 nodes observed\n", new StatTables(Recorded()).Summary());

    private static StepRecorder Recorded()
    {
        var recorder = new StepRecorder();
        foreach (int taken in (int[])[2, 4])
        {
            recorder.Add(new(Convolution, TimeSpan.FromMilliseconds(0.5), TimeSpan.FromMilliseconds(taken), 1500));
            recorder.Add(new(Activation, TimeSpan.FromMilliseconds(4), TimeSpan.FromMilliseconds(1), 2000));
            recorder.EndRun();
        }
        return recorder;
    }
}
