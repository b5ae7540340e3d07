using System.Text;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Calibration;

namespace TransformFramework.Toolkit.Tests.Calibration;

public sealed class RangeFileTests
{
    [Fact]
    public void A_file_is_read_as_it_was_written()
    {
        RangeFile written = File(RangeMethod.Percentile, Bell(10_000));
        RangeFile read = Reread(written);
        Assert.Equal((1L, new RangeChoice(RangeMethod.Percentile)), (read.Samples, read.Choice));
        Assert.Equal(written.Find("x"), read.Find("x"));
        Assert.Equal(written.Tensors["x"].ChannelSums, read.Tensors["x"].ChannelSums);
        Assert.Null(read.Find("y"));
    }

    [Fact]
    public void Headroom_widens_ranges_and_is_kept()
    {
        RangeFile file = File(RangeMethod.MinMax, -2, 3);
        file.Choice = file.Choice with { Headroom = 1.5f };
        Assert.Equal((-3f, 4.5f), Reread(file).Find("x")!.Value);
        Assert.Equal(1.5f, Reread(file).Choice.Headroom);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("{\"schema_version\":2,\"tensors\":[]}")]
    [InlineData("{\"schema_version\":1,\"tensors\":[{\"name\":\"x\",\"histogram\":[-1]}]}")]
    [InlineData("{\"schema_version\":1,\"method\":\"Guess\",\"tensors\":[]}")]
    [InlineData("{\"schema_version\":1,\"headroom\":0.5,\"tensors\":[]}")]
    [InlineData("{\"schema_version\":1,\"headroom\":1e30,\"tensors\":[]}")]
    public void Something_else_is_refused(string text) =>
        Assert.Throws<InvalidDataException>(() => RangeFile.Read(new MemoryStream(Encoding.UTF8.GetBytes(text))));

    [Fact]
    public void Extremes_are_kept_to_the_bit()
    {
        float[] values = [.. Bell(100_000), 100];
        Assert.Equal((values.Min(), 100f), File(RangeMethod.MinMax, values).Find("x")!.Value);
    }

    [Fact]
    public void A_percentile_leaves_its_share_of_magnitudes_outside()
    {
        float[] values = [.. Bell(100_000)];
        float end = End(RangeMethod.Percentile, values);
        int outside = values.Count(value => MathF.Abs(value) > end);
        Assert.InRange(outside, 5, 10);
    }

    [Theory]
    [InlineData(RangeMethod.MinMax)]
    [InlineData(RangeMethod.Percentile)]
    [InlineData(RangeMethod.MeanSquaredError)]
    [InlineData(RangeMethod.Entropy)]
    public void Odd_tensors_have_finite_ranges(RangeMethod method)
    {
        foreach (float[] values in (float[][])[[0, 0], [5, 5], [-5, -5], [1e-30f, 1e-30f], [3e38f, -3e38f], [float.NaN, 1], [float.NaN, float.NaN]])
        {
            var (min, max) = File(method, values).Find("x")!.Value;
            Assert.True(float.IsFinite(min) && float.IsFinite(max) && min <= max, $"{values[0]} {values[1]}: {min} to {max}");
        }
    }

    [Fact]
    public void The_least_squared_error_is_that_of_the_quantized_values()
    {
        float[] values = [.. Bell(20_000), 12];
        float end = End(RangeMethod.MeanSquaredError, values);
        double least = Enumerable.Range(20, 101).Min(tenth => Error(values, tenth / 10f));
        Assert.True(end < 12, $"the outlier is kept: {end}");
        Assert.True(Error(values, end) <= 1.1 * least, $"{Error(values, end)} at {end}, {least} at best");
    }

    [Fact]
    public void Entropy_cuts_off_an_outlier_and_keeps_the_bulk()
    {
        float[] values = [.. Bell(100_000), 100];
        float end = End(RangeMethod.Entropy, values);
        Assert.True(values.Count(value => MathF.Abs(value) > end) < values.Length / 50, $"too much is cut off at {end}");
        Assert.True(end < 50, $"the outlier is kept: {end}");
    }

    private static double Error(float[] values, float end) =>
        values.Sum(value => Math.Pow(value - (Math.Clamp(MathF.Round(value * 127 / end), -127, 127) * end / 127), 2));

    private static float End(RangeMethod method, float[] values) => File(method, values).Find("x")!.Value.Max;

    private static RangeFile File(RangeMethod method, params float[] values)
    {
        var file = new RangeFile { Samples = 1, Choice = new(method) };
        file.Tensors["x"] = new TensorStatistics();
        file.Tensors["x"].Add(Tensor.Create<float>(DataType.Float, TensorShape.Of(1, values.Length), values));
        return Reread(file);
    }

    private static RangeFile Reread(RangeFile file)
    {
        using var stream = new MemoryStream();
        file.Write(stream);
        stream.Position = 0;
        return RangeFile.Read(stream);
    }

    private static float[] Bell(int count)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
    }
}
