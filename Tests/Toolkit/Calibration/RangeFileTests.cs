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

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("{\"schema_version\":2,\"tensors\":[]}")]
    [InlineData("{\"schema_version\":1,\"tensors\":[{\"name\":\"x\",\"histogram\":[-1]}]}")]
    [InlineData("{\"schema_version\":1,\"method\":\"Guess\",\"tensors\":[]}")]
    public void Something_else_is_refused(string text) =>
        Assert.Throws<InvalidDataException>(() => RangeFile.Read(new MemoryStream(Encoding.UTF8.GetBytes(text))));

    [Fact]
    public void Methods_cut_off_what_hardly_occurs()
    {
        float[] values = [.. Bell(100_000), 100];
        Assert.Equal(100, End(RangeMethod.MinMax, values));
        Assert.InRange(End(RangeMethod.Percentile, values), 3, 6);
        Assert.InRange(End(RangeMethod.MeanSquaredError, values), 3, 80);
        Assert.InRange(End(RangeMethod.Entropy, values), 2, 50);
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
    public void The_least_squared_error_is_that_of_the_codes()
    {
        float[] values = Bell(20_000);
        float end = End(RangeMethod.MeanSquaredError, values);
        Assert.True(Error(values, end) <= 1.05 * Error(values, values.Max(MathF.Abs)));
    }

    private static double Error(float[] values, float end) =>
        values.Sum(value => Math.Pow(value - (Math.Clamp(MathF.Round(value * 127 / end), -127, 127) * end / 127), 2));

    private static float End(RangeMethod method, float[] values) => File(method, values).Find("x")!.Value.Max;

    private static RangeFile File(RangeMethod method, float[] values)
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
