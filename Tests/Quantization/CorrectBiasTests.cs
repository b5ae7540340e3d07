using TransformFramework.Graphs;
using static TransformFramework.Quantization.Tests.CalibratedTest;

namespace TransformFramework.Quantization.Tests;

public sealed class CorrectBiasTests
{
    private const string Window = "strides=[1,1,1,1], padding=\"VALID\", data_format=\"NHWC\"";

    private static string Layer =>
        $$"""
        x = Placeholder() {dtype=float, shape=(1,9,9,4)}
        w = {{Floats("3,3,4,6", 1)}}
        y = Conv2D(x, w) {T=float, {{Window}} }
        """;

    [Fact]
    public void Means_of_a_file_stand_at_the_node_and_the_graph_stays()
    {
        Graph before = GraphText.Parse(Layer);
        var test = new QuantizationTest(new CorrectBias(), new CorrectBias.Options { Ranges = "ranges" }) { File = Calibrated(before, [Feeds(before, 1, smallest: 0)]) };
        Graph after = test.Run(before);
        Assert.Equal(before.Nodes.Take(2), after.Nodes.Take(2));
        float[] means = Means(after.Find("y")!);
        Assert.Equal(4, means.Length);
        Assert.All(means, mean => Assert.InRange(mean, 0.3f, 0.7f));
    }

    [Theory]
    [InlineData("Relu", 0, 3, 1.1968f)]
    [InlineData("Relu", 2, 1, 2.0085f)]
    [InlineData("Relu6", 5, 2, 4.6084f)]
    [InlineData("Identity", -1.5, 1, -1.5f)]
    public void Without_a_file_batch_norms_tell_the_means(string activation, double offset, double scale, float mean)
    {
        FormattableString graph =
            $$"""
            x = Placeholder() {dtype=float, shape=(1,3,3,1)}
            scale = Const() {dtype=float, value=float[1]{ {{scale}} } }
            offset = Const() {dtype=float, value=float[1]{ {{offset}} } }
            w = Const() {dtype=float, value=float[1,1,1,1]{1} }
            n = FusedBatchNorm(x, scale, offset, offset, scale) {T=float, epsilon=0.001, is_training=false, data_format="NHWC"}
            a = {{activation}}(n) {T=float}
            y = Conv2D(a, w) {T=float, {{Window}} }
            """;
        Graph after = new QuantizationTest(new CorrectBias(), new CorrectBias.Options()).Run(FormattableString.Invariant(graph));
        Assert.Equal(mean, Means(after.Find("y")!).Single(), 1e-3f);
    }

    [Fact]
    public void Without_means_the_reason_is_told()
    {
        var test = new QuantizationTest(new CorrectBias(), new CorrectBias.Options());
        test.Check(Layer, Layer);
        Assert.Contains("y: no batch norm tells the means of its data 'x'", test.Explanations);
    }

    [Fact]
    public void Quantizing_takes_the_mean_error_off_the_bias()
    {
        Graph before = GraphText.Parse(Layer);
        double corrected = MeanError(new CalibratedTest(Layer, smallest: 0.9f));
        double plain = MeanError(new CalibratedTest(Layer, new Quantize.Options { CorrectBias = false }, smallest: 0.9f));
        Assert.True(corrected < plain / 3, $"{corrected} against {plain}");

        double MeanError(CalibratedTest test)
        {
            var feed = Feeds(before, 20, smallest: 0.9f);
            float[] expected = QuantizationTest.Compute(before, "y", ("x", feed["x"])).ToSingles();
            float[] actual = QuantizationTest.Compute(test.After, "y", ("x", feed["x"])).ToSingles();
            return Enumerable.Range(0, 6).Average(channel => Math.Abs(expected.Zip(actual).Where((_, i) => i % 6 == channel).Average(pair => pair.First - (double)pair.Second)));
        }
    }

    private static float[] Means(Node node) => [.. ((ListValue)node.Attributes["_input_means"]).Items.Select(item => ((FloatValue)item).Value)];
}
