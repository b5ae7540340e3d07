using TransformFramework.Diagnostics;
using TransformFramework.Graphs;

namespace TransformFramework.Quantization.Tests;

public sealed class QuantizeTests
{
    private static readonly string Product =
        $$"""
        x = Placeholder() {dtype=float, shape=(1,256)}
        w = Const() {dtype=float, value=float[256,2] { {{string.Join(", ", Enumerable.Repeat("0.01, 1", 256))}} } }
        y = MatMul(x, w) {T=float, transpose_a=false, transpose_b=false}
        """;

    [Theory]
    [InlineData(true, 0.0001f)]
    [InlineData(false, 0.004f)]
    public void Weights_alone_come_back_within_half_a_step_of_their_channel_or_of_all(bool perChannel, float error)
    {
        Graph result = new QuantizationTest(new Quantize(), new Quantize.Options { WeightsOnly = true, PerChannel = perChannel }).Run(Product);
        Assert.DoesNotContain(result.Nodes, node => node.TensorAttribute("value") is { Type: DataType.Float, ElementCount: 512 });
        float[] numbers = QuantizationTest.Compute(result, "y", ("x", Tensor.Create<float>(DataType.Float, TensorShape.Of(1, 256), [1, .. new float[255]]))).ToSingles();
        Assert.Equal(0.01f, numbers[0], error);
        Assert.Equal(1, numbers[1], error);
    }

    [Fact]
    public void Without_ranges_products_stay_and_are_told()
    {
        var test = new QuantizationTest(new Quantize(), new Quantize.Options());
        test.Check(Product, Product);
        Assert.Contains(test.Context.Diagnostics, diagnostic => diagnostic is { Id: "TFX2051", Node: "y" });
        Assert.Contains(test.Explanations, explanation => explanation.StartsWith("y: stays float", StringComparison.Ordinal));
    }
}
