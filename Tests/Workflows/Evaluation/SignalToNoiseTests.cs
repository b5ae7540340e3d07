using TransformFramework.Workflows.Evaluation;

namespace TransformFramework.Workflows.Tests.Evaluation;

public sealed class SignalToNoiseTests
{
    [Fact]
    public void The_mean_over_classes_does_not_count()
    {
        var noise = new SignalToNoise();
        noise.Add([1, 2, 3], [11, 12, 13.5f], classes: 3);
        Assert.Equal(10 * Math.Log10(2 / (0.25 - (0.25 / 3))), noise.Decibels, 1e-6);
    }

    [Fact]
    public void Two_rows_of_scores_have_means_of_their_own()
    {
        var noise = new SignalToNoise();
        noise.Add([1, 2, 5, 8], [2, 3, 1, 4], classes: 2);
        Assert.Equal(double.PositiveInfinity, noise.Decibels);
    }

    [Theory]
    [InlineData(float.NaN, 1f)]
    [InlineData(1f, float.NaN)]
    [InlineData(float.PositiveInfinity, float.NegativeInfinity)]
    public void What_is_not_finite_on_one_side_only_is_no_agreement(float reference, float actual)
    {
        var noise = new SignalToNoise();
        noise.Add([1, reference, 3], [1, actual, 3], classes: 3);
        Assert.Equal(double.NegativeInfinity, noise.Decibels);
        Assert.Null(noise.Interval);
    }

    [Fact]
    public void What_is_not_finite_alike_on_both_sides_does_not_count()
    {
        var noise = new SignalToNoise();
        noise.Add([1, float.NaN, 3], [1, float.NaN, 3], classes: 0);
        Assert.Equal(double.PositiveInfinity, noise.Decibels);
    }

    [Fact]
    public void The_interval_holds_the_ratio_and_narrows_with_samples()
    {
        var (low, high) = Widths(20).Interval!.Value;
        var (lower, higher) = Widths(2000).Interval!.Value;
        Assert.InRange(Widths(20).Decibels, low, high);
        Assert.InRange((high - low) / (higher - lower), 7, 14);
    }

    [Fact]
    public void What_is_always_better_is_clearly_better_however_much_samples_vary()
    {
        SignalToNoise better = Widths(20, 1), worse = Widths(20, 1.2f);
        Assert.True(better.IsClearlyBetterThan(worse));
        Assert.False(worse.IsClearlyBetterThan(better));
        Assert.False(better.IsClearlyBetterThan(better));
    }

    [Theory]
    [InlineData(0, 0, 0, 1)]
    [InlineData(50, 100, 0.404, 0.596)]
    [InlineData(63, 63, 0.9425, 1)]
    [InlineData(0, 10, 0, 0.2775)]
    public void Shares_have_the_interval_of_Wilson(int hits, int cases, double low, double high)
    {
        var interval = ShareInterval.Of(hits, cases);
        Assert.Equal(low, interval.Low, 5e-4);
        Assert.Equal(high, interval.High, 5e-4);
    }

    private static SignalToNoise Widths(int samples, float scale = 1)
    {
        var random = new Random(5);
        var noise = new SignalToNoise();
        for (int i = 0; i < samples; i++)
        {
            float error = scale * random.NextSingle();
            noise.Add([3, -3], [3 + error, -3], classes: 0);
        }
        return noise;
    }
}
