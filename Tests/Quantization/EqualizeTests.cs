using TransformFramework.Graphs;
using TransformFramework.Toolkit.Calibration;
using static TransformFramework.Quantization.Tests.CalibratedTest;

namespace TransformFramework.Quantization.Tests;

public sealed class EqualizeTests
{
    private const string Window = "strides=[1,1,1,1], padding=\"SAME\", data_format=\"NHWC\"";

    [Theory]
    [InlineData("Relu")]
    [InlineData("Relu6")]
    [InlineData("Identity")]
    public void Ranges_are_evened_out_and_the_bits_stay(string activation)
    {
        Graph before = GraphText.Parse(Imbalanced(activation, "w1", ""));
        Graph after = new QuantizationTest(new Equalize(), new Equalize.Options()).Run(before);
        Assert.Equal(1000, Spread(before, "w1"), 1f);
        Assert.InRange(Spread(after, "w1"), 1, 70);
        AssertSame(before, after, 0);
    }

    [Fact]
    public void Depthwise_layers_and_products_take_part()
    {
        Graph before = GraphText.Parse(
            $$"""
            x = Placeholder() {dtype=float, shape=(2,4,4,3)}
            w1 = Const() {dtype=float, value=float[1,1,3,2]{1, 100, 2, 50, -1, 70} }
            w2 = {{Floats("3,3,2,2", 1)}}
            w3 = {{Floats("1,1,4,3", 2)}}
            bias = {{Floats("2", 3)}}
            paddings = Const() {dtype=int32, value=int32[4,2]{0, 0, 1, 1, 1, 1, 0, 0} }
            a = Conv2D(x, w1) {T=float, {{Window}} }
            b = Add(a, bias) {T=float}
            c = LeakyRelu(b) {T=float, alpha=0.5}
            p = Pad(c, paddings) {T=float, Tpaddings=int32}
            d = DepthwiseConv2dNative(p, w2) {T=float, strides=[1,1,1,1], padding="VALID", data_format="NHWC"}
            e = Relu(d) {T=float}
            m = MaxPool(e) {T=float, ksize=[1,2,2,1], strides=[1,2,2,1], padding="SAME", data_format="NHWC"}
            y = Conv2D(m, w3) {T=float, {{Window}} }
            """);
        var test = new QuantizationTest(new Equalize(), new Equalize.Options());
        Graph after = test.Run(before);
        Assert.Equal(2, test.Context.Statistics["channel groups equalized"]);
        AssertSame(before, after, 0);
    }

    [Fact]
    public void Weights_that_another_layer_reads_too_are_copied()
    {
        Graph before = GraphText.Parse(Imbalanced("Relu", "w1", "z = Conv2D(x, w1) {T=float, " + Window + "}"));
        Graph after = new QuantizationTest(new Equalize(), new Equalize.Options()) { Outputs = ["y", "z"] }.Run(before);
        Assert.Equal(before.Find("w1"), after.Find("w1"));
        Assert.Contains(after.Nodes, node => node.Name == "w1_equalized");
        AssertSame(before, after, 0);
    }

    [Theory]
    [InlineData("z = Neg(r) {T=float}", "(Neg) does not pass factors")]
    [InlineData("z = Neg(a) {T=float}", "(Neg) does not pass factors")]
    public void What_others_read_is_left_with_the_reason(string other, string reason)
    {
        string graph = Imbalanced("Relu", "w1", other);
        var test = new QuantizationTest(new Equalize(), new Equalize.Options()) { Outputs = ["y", "z"] };
        test.Check(graph, graph);
        Assert.Contains(test.Explanations, line => line.StartsWith("a: ", StringComparison.Ordinal) && line.Contains(reason, StringComparison.Ordinal));
    }

    [Fact]
    public void All_blocks_of_a_residual_stage_are_divided_alike()
    {
        Graph before = GraphText.Parse(
            $$"""
            x = Placeholder() {dtype=float, shape=(1,4,4,2)}
            w1 = Const() {dtype=float, value=float[1,1,2,3]{0.001, 1, 0.1, -0.0005, 0.5, -0.07} }
            w2 = {{Floats("3,3,3,3", 5, 0.01f)}}
            w3 = {{Floats("1,1,3,2", 6)}}
            a = Conv2D(x, w1) {T=float, {{Window}} }
            b = Conv2D(a, w2) {T=float, {{Window}} }
            c = Add(b, a) {T=float}
            r = Relu(c) {T=float}
            y = Conv2D(r, w3) {T=float, {{Window}} }
            """);
        var test = new QuantizationTest(new Equalize(), new Equalize.Options());
        Graph after = test.Run(before);
        Assert.Equal(1, test.Context.Statistics["channel groups equalized"]);
        Assert.NotEqual(before.Find("w2"), after.Find("w2"));
        AssertSame(before, after, 0);
    }

    [Fact]
    public void Relu6_is_left_on_request()
    {
        string graph = Imbalanced("Relu6", "w1", "");
        new QuantizationTest(new Equalize(), new Equalize.Options { Relu6 = false }).Check(graph, graph);
    }

    [Fact]
    public void Biases_that_no_input_lets_the_activation_cut_move_behind_it()
    {
        Graph before = GraphText.Parse(
            $$"""
            x = Placeholder() {dtype=float, shape=(1,4,4,2)}
            s = Relu6(x) {T=float}
            w1 = Const() {dtype=float, value=float[1,1,2,2]{0.5, -0.5, -0.25, 0.5} }
            bias = Const() {dtype=float, value=float[2]{20, 0.5} }
            w2 = {{Floats("1,1,2,3", 2)}}
            a = Conv2D(s, w1) {T=float, {{Window}} }
            b = BiasAdd(a, bias) {T=float, data_format="NHWC"}
            r = Relu(b) {T=float}
            y = Conv2D(r, w2) {T=float, strides=[1,1,1,1], padding="VALID", data_format="NHWC"}
            """);
        var test = new QuantizationTest(new Equalize(), new Equalize.Options());
        Graph after = test.Run(before);
        Assert.Equal(1, test.Context.Statistics["biases moved"]);
        Assert.True(after.Find("bias")!.TensorAttribute("value")!.AsSpan<float>()[0] < 5);
        AssertSame(before, after, 1e-5f);
    }

    /// <summary>Two convolutions whose channels differ by 1,000 times.</summary>
    private static string Imbalanced(string activation, string weights, string other) =>
        $$"""
        x = Placeholder() {dtype=float, shape=(1,4,4,2)}
        w1 = Const() {dtype=float, value=float[1,1,2,3]{0.001, 1, 0.1, -0.0005, 0.5, -0.07} }
        w2 = {{Floats("1,1,3,4", 5)}}
        bias = Const() {dtype=float, value=float[3]{0.0003, -0.2, 0.01} }
        a = Conv2D(x, {{weights}}) {T=float, {{Window}} }
        b = BiasAdd(a, bias) {T=float, data_format="NHWC"}
        r = {{activation}}(b) {T=float}
        y = Conv2D(r, w2) {T=float, {{Window}} }
        {{other}}
        """;

    private static float Spread(Graph graph, string weights)
    {
        float[] values = graph.Find(weights)!.TensorAttribute("value")!.AsSpan<float>().ToArray();
        float[] largest = [.. Enumerable.Range(0, 3).Select(channel => values.Where((_, i) => i % 3 == channel).Max(MathF.Abs))];
        return largest.Max() / largest.Min();
    }

    private static void AssertSame(Graph before, Graph after, float tolerance)
    {
        foreach (int seed in (int[])[1, 2, 3])
        {
            var feeds = Feeds(before, seed, smallest: -8);
            (string, Tensor)[] given = [.. feeds.Select(feed => (feed.Key, feed.Value))];
            float[] expected = QuantizationTest.Compute(before, "y", given).ToSingles();
            float[] actual = QuantizationTest.Compute(after, "y", given).ToSingles();
            Assert.All(expected.Zip(actual), pair => Assert.True(Math.Abs(pair.First - pair.Second) <= tolerance * expected.Max(MathF.Abs), $"{pair.Second} for {pair.First}"));
        }
    }
}
