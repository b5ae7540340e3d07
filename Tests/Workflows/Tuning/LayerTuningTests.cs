using TransformFramework.Workflows.Tuning;

namespace TransformFramework.Workflows.Tests.Tuning;

public sealed class LayerTuningTests
{
    private static readonly LayerSensitivity[] Nine = [.. Enumerable.Range(0, 9).Select(i => new LayerSensitivity($"layer{i}", i))];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(9)]
    public void The_fewest_layers_that_reach_the_limit_are_found_with_few_measurements(int needed)
    {
        var tuning = new LayerTuning(Nine, kept => kept >= needed ? 0.5 : 3 - (0.1 * kept));
        Assert.Equal(needed, tuning.Fewest(limit: 0.5));
        Assert.InRange(tuning.Measured.Count, 1, 8);
        Assert.Equal(0.5, tuning.Measured[needed]);
    }

    [Fact]
    public void A_limit_that_all_layers_do_not_reach_is_none()
    {
        var tuning = new LayerTuning(Nine, _ => 2);
        Assert.Null(tuning.Fewest(limit: 1));
        Assert.Contains(9, tuning.Measured.Keys);
    }

    [Fact]
    public void Without_layers_the_graph_is_measured_as_it_is()
    {
        Assert.Equal(0, new LayerTuning([], _ => 0).Fewest(limit: 0));
        Assert.Null(new LayerTuning([], _ => 1).Fewest(limit: 0));
    }
}
