using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Tests;

public sealed class RoundWeightsTests
{
    private static string Sixteen(string first) => $"y = Const() {{dtype=float, value=float[16] values{{{first}}}}}";

    [Fact]
    public void Elements_become_the_middles_of_buckets()
    {
        Graph result = new QuantizationTest(new RoundWeights(), new RoundWeights.Options { NumSteps = 4 }).Run(Sixteen("0, 1, 2, 3, 4"));
        Assert.Equal([0.5f, 1.5f, 2.5f, 3.5f, 4.5f], result.Find("y")!.TensorAttribute("value")!.ToSingles()[..5]);
    }

    [Theory]
    [InlineData("nan, 1")]
    [InlineData("inf")]
    [InlineData("-inf, nan")]
    [InlineData("3e38, -3e38")]
    public void Elements_without_a_range_leave_the_constant_as_it_is(string values)
    {
        var test = new QuantizationTest(new RoundWeights(), new RoundWeights.Options());
        test.Check(Sixteen(values), Sixteen(values));
        Assert.Equal("TFX2040", Assert.Single(test.Context.Diagnostics).Id);
        new QuantizationTest(new RoundWeights(), new RoundWeights.Options()) { Mode = TransformMode.Verbatim }.Run(Sixteen(values));
    }

    [Theory]
    [InlineData("3")]
    [InlineData("0")]
    [InlineData("-3")]
    [InlineData("1.5e38, -1.5e38")]
    [InlineData("1e-40")]
    public void Odd_ranges_give_finite_numbers(string values)
    {
        Graph result = new QuantizationTest(new RoundWeights(), new RoundWeights.Options()).Run(Sixteen(values));
        Assert.All(result.Find("y")!.TensorAttribute("value")!.ToSingles(), value => Assert.True(float.IsFinite(value)));
    }

    [Fact]
    public void No_steps_are_an_error() => new QuantizationTest(new RoundWeights(), new RoundWeights.Options { NumSteps = 0 }).Fails(Sixteen("1"));
}
