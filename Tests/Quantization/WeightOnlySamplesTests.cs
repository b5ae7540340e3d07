using TransformFramework.Graphs;

namespace TransformFramework.Quantization.Tests;

public sealed class WeightOnlySamplesTests
{
    private static readonly string Convolution = $$"""
        x = Placeholder() {dtype=float, shape=(?,9,8,6)}
        w = {{CalibratedTest.Floats("3,3,6,7", 4)}}
        b = {{CalibratedTest.Floats("7", 8)}}
        c = Conv2D(x, w) {T=float, strides=[1,2,1,1], padding="SAME"}
        y = BiasAdd(c, b) {T=float}
        """;

    private static readonly string Product = $$"""
        x = Placeholder() {dtype=float, shape=(?,40)}
        w = {{CalibratedTest.Floats("9,40", 3)}}
        b = {{CalibratedTest.Floats("9", 8)}}
        c = MatMul(x, w) {T=float, transpose_b=true}
        y = BiasAdd(c, b) {T=float}
        """;

    private static readonly string Depthwise = $$"""
        x = Placeholder() {dtype=float, shape=(?,9,8,32)}
        w = {{CalibratedTest.Floats("3,3,32,1", 6)}}
        b = {{CalibratedTest.Floats("32", 8)}}
        c = DepthwiseConv2dNative(x, w) {T=float, strides=[1,1,1,1], padding="SAME"}
        y = BiasAdd(c, b) {T=float}
        """;

    public static TheoryData<string, bool> Layers => new() { { Convolution, true }, { Product, true }, { Depthwise, true }, { Convolution, false }, { Product, false }, { Depthwise, false } };

    [Theory]
    [MemberData(nameof(Layers))]
    public void Each_step_by_samples_leaves_less_noise(string graph, bool perChannel)
    {
        var options = new Quantize.Options { WeightsOnly = true, PerChannel = perChannel };
        double plain = Sqnr(graph, options);
        double corrected = Sqnr(graph, options with { Samples = "samples" });
        double fedBack = Sqnr(graph, options with { Samples = "samples", Rounding = "gptq" });
        Assert.True(corrected > plain + 0.2, $"{plain:F1} dB, with biases corrected {corrected:F1}");
        Assert.True(fedBack > corrected, $"with biases corrected {corrected:F1} dB, by gptq {fedBack:F1}");
    }

    [Theory]
    [MemberData(nameof(FourBitWeightsTests.Products), MemberType = typeof(FourBitWeightsTests))]
    public void Products_of_all_ops_read_8_bits(string graph)
    {
        var options = new Quantize.Options { WeightsOnly = true };
        var test = new CalibratedTest(graph, options);
        Assert.DoesNotContain(test.After.Nodes, node => node.TypeAttribute("dtype") == DataType.Float && node.TensorAttribute("value") is { ElementCount: > 100 });
        Assert.InRange(test.Sqnr(), 40, 60);
        double fedBack = new CalibratedTest(graph, options with { Samples = "samples", Rounding = "gptq" }).Sqnr();
        Assert.True(fedBack > test.Sqnr(), $"{test.Sqnr():F1} dB, by gptq {fedBack:F1} dB");
    }

    private static double Sqnr(string graph, Quantize.Options options) => new CalibratedTest(graph, options, feeds: Feeds(GraphText.Parse(graph))).Sqnr();

    /// <summary>Neighbours that are alike, about 0.3.</summary>
    private static List<Dictionary<string, Tensor>> Feeds(Graph graph) =>
        [.. Enumerable.Range(1, 40).Select(seed => CalibratedTest.Feeds(graph, seed).ToDictionary(feed => feed.Key, feed => Smooth(feed.Value), StringComparer.Ordinal))];

    private static Tensor Smooth(Tensor values)
    {
        float[] elements = values.ToSingles();
        for (int i = 1; i < elements.Length; i++)
            elements[i] = (0.8f * elements[i - 1]) + (0.2f * elements[i]);
        return Tensor.Create<float>(DataType.Float, values.Shape, [.. elements.Select(element => element + 0.3f)]);
    }
}
