using CsCheck;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Calibration;

namespace TransformFramework.Toolkit.Tests.Calibration;

public sealed class TensorStatisticsTests
{
    [Fact]
    public void Extremes_sums_and_magnitudes_are_those_of_all_samples()
    {
        TensorStatistics statistics = Seen([1, 2, -3, 4], [5, 6, 7, -8]);
        Assert.Equal((-8f, 7f), (statistics.Min, statistics.Max));
        Assert.Equal([10 / 4f, 4 / 4f], statistics.ChannelMeans);
        Assert.Equal(8, statistics.Magnitudes.Counts.ToArray().Sum());
    }

    [Fact]
    public void Numbers_that_are_none_are_counted_and_left_out()
    {
        TensorStatistics statistics = Seen([1, float.NaN, -2, float.PositiveInfinity], [3, 3, 3, 3]);
        Assert.Equal((-2f, 3f, 2L), (statistics.Min, statistics.Max, statistics.NotFinite));
        Assert.Empty(statistics.ChannelMeans);
        Assert.Equal(6, statistics.Magnitudes.Counts.ToArray().Sum());
    }

    [Fact]
    public void Shards_merge_to_what_one_run_would_have_seen() =>
        Gen.Float[-1000, 1000].Array[4].Array[2, 12].Select(Gen.Int[1, 11]).Sample((samples, cut) =>
        {
            cut = Math.Min(cut, samples.Length - 1);
            TensorStatistics merged = Seen(samples[..cut]);
            merged.Merge(Seen(samples[cut..]));
            TensorStatistics whole = Seen(samples);
            Assert.Equal((whole.Min, whole.Max, whole.Positions), (merged.Min, merged.Max, merged.Positions));
            Assert.Equal(whole.Magnitudes.Exponent, merged.Magnitudes.Exponent);
            Assert.Equal(whole.Magnitudes.Counts, merged.Magnitudes.Counts);
            Assert.Equal(whole.ChannelSumParts(), merged.ChannelSumParts());
        });

    [Fact]
    public void What_a_run_left_out_does_not_depend_on_order()
    {
        float[][] samples = [[float.NaN, float.NaN], [1, 2], []];
        TensorStatistics forwards = Seen(samples);
        Array.Reverse(samples);
        TensorStatistics backwards = Seen(samples);
        backwards.Merge(new TensorStatistics());
        var merged = new TensorStatistics();
        merged.Merge(Seen([1, 2]));
        Assert.Equal([1f, 2f], merged.ChannelMeans);
        merged.Merge(Seen([float.NaN, float.NaN]));
        foreach (TensorStatistics statistics in (TensorStatistics[])[forwards, backwards, merged])
            Assert.Equal((2, 1f, 2f, 0), (statistics.NotFinite, statistics.Min, statistics.Max, statistics.ChannelMeans.Length));
    }

    [Fact]
    public void Every_magnitude_lies_in_its_bin() =>
        Gen.Float[1e-12f, 1e12f].Sample(value =>
        {
            var histogram = new Histogram();
            histogram.Add([-value], value);
            int bin = histogram.Counts.IndexOf(1L);
            Assert.InRange(value, bin * histogram.Width * (1 - 1e-6), (bin + 1) * histogram.Width * (1 + 1e-6));
        });

    /// <summary>Vectors and what is left of them see what a loop over the numbers sees.</summary>
    [Theory]
    [InlineData(7, 3)]
    [InlineData(1 << 11, 21)]
    [InlineData(1 << 11, 64)]
    public void Many_numbers_are_seen_as_one_by_one(int rows, int channels)
    {
        var random = new Random(rows + channels);
        float[] values = [.. Enumerable.Range(0, rows * channels).Select(_ => random.Next(4) == 0 ? -0f : (random.NextSingle() - 0.4f) * 37)];
        var statistics = new TensorStatistics();
        Tensor tensor = Tensor.Create<float>(DataType.Float, TensorShape.Of(rows, channels), values);
        statistics.Add(tensor);
        Assert.Equal((values.Min(), values.Max(), 0L), (statistics.Min, statistics.Max, statistics.NotFinite));
        Assert.Equal(Enumerable.Range(0, Histogram.Bins).Select(bin => values.LongCount(value => (int)(Math.Abs(value) / statistics.Magnitudes.Width) == bin)).Take(200), statistics.Magnitudes.Counts.ToArray().Take(200));
        Assert.Equal(values.Length, statistics.Magnitudes.Counts.ToArray().Sum());
        Assert.Equal(Enumerable.Range(0, channels).Select(c => Enumerable.Range(0, rows).Aggregate(0.0, (sum, row) => sum + values[(row * channels) + c])), statistics.ChannelSums);
        (values[0], values[^1], values[rows]) = (float.NaN, float.NegativeInfinity, float.PositiveInfinity);
        statistics.Add(Tensor.Create<float>(DataType.Float, TensorShape.Of(rows, channels), values));
        Assert.Equal(3, statistics.NotFinite);
        Assert.Equal((2 * values.Length) - 3, statistics.Magnitudes.Counts.ToArray().Sum());
    }

    private static TensorStatistics Seen(params float[][] samples)
    {
        var statistics = new TensorStatistics();
        foreach (float[] sample in samples)
            statistics.Add(Tensor.Create<float>(DataType.Float, TensorShape.Of(sample.Length / 2, 2), sample));
        return statistics;
    }
}
