using TransformFramework.Diagnostics;
using TransformFramework.Graphs;

namespace TransformFramework.Quantization.Tests;

public sealed class CalibrationTrapsTests
{
    private const string Product = """
        x = Placeholder() {dtype=float, shape=(?,4)}
        w = Const() {dtype=float, value=float[4,2]{1, 2, 3, 4, 5, 6, 7, WEIGHT}}
        y = MatMul(x, w) {T=float}
        """;

    [Theory]
    [InlineData("nan")]
    [InlineData("inf")]
    [InlineData("-inf")]
    public void A_constant_that_is_not_finite_is_named(string weight)
    {
        Graph graph = GraphText.Parse(Product.Replace("WEIGHT", "8", StringComparison.Ordinal)).Select(node => node.Name != "w" ? node : Spoilt(node, weight));
        QuantizationTest test = new(new Quantize(), new Quantize.Options { Ranges = "ranges" }) { File = CalibratedTest.Calibrated(GraphText.Parse(Product.Replace("WEIGHT", "8", StringComparison.Ordinal)), [Sample(1)]) };
        test.Run(graph);
        Diagnostic found = Assert.Single(test.Context.Diagnostics, diagnostic => diagnostic.Id == "TFX2052");
        Assert.Equal("w", found.Node);
    }

    [Theory]
    [InlineData(1, 5000, false)]
    [InlineData(7, 5000, false)]
    [InlineData(1000, 5000, true)]
    [InlineData(7, 200, false)]
    [InlineData(1000, 200, true)]
    public void A_range_that_one_outlier_made_is_named(float outlier, int samples, bool isNamed)
    {
        List<Dictionary<string, Tensor>> feeds = [.. Enumerable.Range(0, samples).Select(_ => Sample(1)), Sample(outlier)];
        var test = new CalibratedTest(Product.Replace("WEIGHT", "8", StringComparison.Ordinal), feeds: feeds);
        Assert.Equal(isNamed ? ["x"] : [], test.Test.Context.Diagnostics.Where(diagnostic => diagnostic.Id == "TFX2053").Select(diagnostic => diagnostic.Node));
    }

    [Fact]
    public void A_filter_of_zeros_with_a_large_bias_costs_the_others_nothing()
    {
        const string Dead = """
            x = Placeholder() {dtype=float, shape=(?,3,3,2)}
            w = Const() {dtype=float, value=float[1,1,2,3]{1, 0, 0.5, 0.3, 0, 1e-30}}
            b = Const() {dtype=float, value=float[3]{0.1, 30, 0.2}}
            c = Conv2D(x, w) {T=float, strides=[1,1,1,1], padding="SAME"}
            y = BiasAdd(c, b) {T=float}
            """;
        Assert.True(new CalibratedTest(Dead).Sqnr() > 60);
    }

    private static Node Spoilt(Node node, string weight)
    {
        float[] values = node.TensorAttribute("value")!.ToSingles();
        values[^1] = weight switch { "nan" => float.NaN, "inf" => float.PositiveInfinity, _ => float.NegativeInfinity };
        return Node.Constant(node.Name, Tensor.Create<float>(DataType.Float, node.TensorAttribute("value")!.Shape, values));
    }

    private static Dictionary<string, Tensor> Sample(float largest) => new(StringComparer.Ordinal) { ["x"] = Tensor.Create<float>(DataType.Float, TensorShape.Of(1, 4), [0.5f, -0.7f, 0.9f, largest]) };
}
