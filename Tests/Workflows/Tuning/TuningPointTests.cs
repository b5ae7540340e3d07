using TransformFramework.Workflows.Tuning;

namespace TransformFramework.Workflows.Tests.Tuning;

public sealed class TuningPointTests
{
    [Fact]
    public void The_front_has_what_no_other_point_beats_in_all_three()
    {
        TuningPoint[] points = [new(0, 20, 10, 1, 100), new(1, 19, 10, 2, 110), new(2, 25, 5, 2, 120), new(4, 25, 5, 3, 130), new(9, double.PositiveInfinity, 0, 4, 400)];
        Assert.Equal([0, 2, 9], TuningPoint.Front(points).Select(point => point.KeptFloat));
    }

    [Fact]
    public void Equal_points_are_both_on_the_front() => Assert.Equal(2, TuningPoint.Front([new(0, 20, 0, 1, 100), new(1, 20, 0, 1, 100)]).Length);

    [Theory]
    [InlineData(0, "0")]
    [InlineData(1, "0 1")]
    [InlineData(9, "0 1 2 4 8 9")]
    [InlineData(8, "0 1 2 4 8")]
    public void Layers_are_kept_in_doubled_numbers(int layers, string counts) => Assert.Equal(counts, string.Join(' ', TuningPoints.Counts(layers)));
}
