using TransformFramework.Graphs;

namespace TransformFramework.Quantization.Tests;

public sealed class CorrectBiasTests
{
    private const string Product =
        """
        x = Placeholder() {dtype=float, shape=(1,1,1,2)}
        gamma = Const() {dtype=float, value=float[2]{1, 1}}
        beta = Const() {dtype=float, value=float[2]{0.5, -2}}
        mean = Const() {dtype=float, value=float[2]{3, 4}}
        variance = Const() {dtype=float, value=float[2]{1, 1}}
        n = FusedBatchNorm(x, gamma, beta, mean, variance) {T=float, epsilon=0.001, data_format="NHWC", is_training=false}
        w = Const() {dtype=float, value=float[1,1,2,1]{1, 1}}
        y = Conv2D(n, w) {T=float, strides=[1,1,1,1], padding="SAME", data_format="NHWC", dilations=[1,1,1,1]}
        """;

    [Fact]
    public void A_batch_norm_tells_the_means_of_its_channels()
    {
        Graph result = new QuantizationTest(new CorrectBias(), new CorrectBias.Options()).Run(Product);
        Node convolution = result.Find("y")!;
        var means = Assert.IsType<ListValue>(Assert.Single(convolution.Attributes, attribute => attribute.Key.StartsWith('_')).Value);
        Assert.Equal([0.5f, -2f], means.Items.Select(item => ((FloatValue)item).Value));
    }

    [Fact]
    public void Where_nothing_tells_the_means_the_node_stays_and_is_told()
    {
        string graph = Product.Replace("Conv2D(n,", "Conv2D(x,", StringComparison.Ordinal);
        var test = new QuantizationTest(new CorrectBias(), new CorrectBias.Options());
        test.Check(graph, graph);
        Assert.Contains("y: no batch norm tells the means of its data 'x'", test.Explanations);
    }
}
