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

    /// <summary>A chain whose second layer gets what the first one's errors become after Relu6.</summary>
    [Theory]
    [InlineData("8bit")]
    [InlineData("unrounded")]
    public void Samples_make_the_means_after_activations_those_of_the_float_graph(string residual)
    {
        string graph =
            $$"""
            x = Placeholder() {dtype=float, shape=(1,9,9,4)}
            w = {{Floats("3,3,4,6", 1)}}
            v = {{Floats("1,1,6,6", 2)}}
            u = {{Floats("3,3,6,1", 3)}}
            c = Conv2D(x, w) {T=float, {{Window}} }
            r = Relu6(c) {T=float}
            d = DepthwiseConv2dNative(r, u) {T=float, strides=[1,1,1,1], padding="SAME"}
            e = Relu6(d) {T=float}
            f = Conv2D(e, v) {T=float, {{Window}} }
            s = AddV2(f, r) {T=float}
            y = Conv2D(s, v) {T=float, {{Window}} }
            """;
        Graph before = GraphText.Parse(graph);
        var feeds = Enumerable.Range(1, 8).Select(seed => Feeds(before, seed, smallest: 0)).ToList();
        byte[] samples = Archive([.. feeds.Select(feed => feed["x"])]);
        string ranges = Calibrated(before, feeds);
        double[] errors = [.. new[] { "", "samples" }.Select(file =>
        {
            var test = new QuantizationTest(new Quantize(), new Quantize.Options { Ranges = "ranges", Samples = file, Residual = residual }) { File = ranges, Files = new() { ["samples"] = samples } };
            Graph after = test.Run(before);
            return feeds.Select(feed => MeanError(before, after, feed["x"])).Aggregate((all, next) => [.. all.Zip(next, (a, b) => a + b)]).Sum(Math.Abs);
        })];
        Assert.True(errors[1] < errors[0] / 2, $"{errors[1]} against {errors[0]}");
    }

    [Theory]
    [InlineData("z", "no array 'x'")]
    [InlineData("x", "no samples along their first dimension")]
    public void Samples_that_do_not_fit_are_refused(string name, string reason)
    {
        using var content = new MemoryStream();
        TransformFramework.Toolkit.Arrays.NpzFile.Write(content, [new(name, Tensor.Scalar(1f))]);
        Graph before = GraphText.Parse(Layer);
        var test = new QuantizationTest(new Quantize(), new Quantize.Options { Ranges = "ranges", Samples = "samples" }) { File = Calibrated(before, [Feeds(before, 1)]), Files = new() { ["samples"] = content.ToArray() } };
        Assert.Contains(reason, test.Fails(Layer).Message, StringComparison.Ordinal);
    }

    private static byte[] Archive(Tensor[] rows)
    {
        using var content = new MemoryStream();
        float[] values = [.. rows.SelectMany(row => row.ToSingles())];
        TransformFramework.Toolkit.Arrays.NpzFile.Write(content, [new("x", Tensor.Create<float>(DataType.Float, TensorShape.Of([rows.Length, .. rows[0].Shape.Dimensions.Skip(1)]), values))]);
        return content.ToArray();
    }

    private static double[] MeanError(Graph before, Graph after, Tensor x)
    {
        float[] expected = QuantizationTest.Compute(before, "y", ("x", x)).ToSingles();
        float[] actual = QuantizationTest.Compute(after, "y", ("x", x)).ToSingles();
        return [.. Enumerable.Range(0, 6).Select(channel => expected.Zip(actual).Where((_, i) => i % 6 == channel).Sum(pair => (double)pair.Second - pair.First))];
    }

    private static float[] Means(Node node) => [.. ((ListValue)node.Attributes["_input_means"]).Items.Select(item => ((FloatValue)item).Value)];
}
