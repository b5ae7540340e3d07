using TransformFramework.Graphs;

namespace TransformFramework.Quantization.Tests;

public sealed class RoundingTests
{
    private static readonly string Product = $"x = Placeholder() {{dtype=float, shape=(?,24)}}\nw = {CalibratedTest.Floats("24,10", 3)}\ny = MatMul(x, w) {{T=float}}";

    private static readonly string Convolution = $$"""
        x = Placeholder() {dtype=float, shape=(?,9,8,6)}
        w = {{CalibratedTest.Floats("3,3,6,7", 4)}}
        y = Conv2D(x, w) {T=float, strides=[1,2,1,1], padding="SAME"}
        """;

    private static readonly string Dilated = $$"""
        x = Placeholder() {dtype=float, shape=(?,9,8,6)}
        w = {{CalibratedTest.Floats("3,3,6,7", 5)}}
        y = Conv2D(x, w) {T=float, strides=[1,1,1,1], padding="VALID", dilations=[1,2,2,1]}
        """;

    private static readonly string Depthwise = $$"""
        x = Placeholder() {dtype=float, shape=(?,9,8,6)}
        w = {{CalibratedTest.Floats("3,3,6,2", 6)}}
        y = DepthwiseConv2dNative(x, w) {T=float, strides=[1,1,1,1], padding="SAME"}
        """;

    public static TheoryData<string, string, bool> Layers => new()
    {
        { Product, "allow", true }, { Convolution, "allow", true }, { Dilated, "allow", true }, { Depthwise, "allow", true }, { Product, "allow", false }, { Convolution, "allow", false }, { Depthwise, "allow", false },
        { Convolution, "avoid_pairs", true }, { Convolution, "seven_bits", true }, { Product, "avoid_pairs", false },
    };

    [Theory]
    [MemberData(nameof(Layers))]
    public void Errors_fed_back_leave_less_noise_for_inputs_that_vary_together(string graph, string saturation, bool perChannel)
    {
        var options = new Quantize.Options { Samples = "samples", Saturation = saturation, PerChannel = perChannel };
        double nearest = Quantized(graph, options).Sqnr();
        double fedBack = Quantized(graph, options with { Rounding = "gptq" }).Sqnr();
        Assert.True(fedBack > nearest + 0.3, $"{nearest:F1} dB rounded to nearest, {fedBack:F1} dB by gptq");
    }

    [Fact]
    public void Neighbours_keep_within_what_16_bits_hold()
    {
        Graph graph = Quantized(Convolution, new() { Samples = "samples", Saturation = "avoid_pairs", Rounding = "gptq" }).After;
        Tensor filter = Assert.Single(graph.Nodes, node => node.Name.EndsWith("/filter", StringComparison.Ordinal)).TensorAttribute("value")!;
        ReadOnlySpan<sbyte> values = filter.AsSpan<sbyte>();
        for (int i = 7; i < values.Length; i++)
        {
            bool isPair = i / 7 % 2 == 1;
            Assert.False(isPair && values[i] * values[i - 7] > 0 && Math.Abs(values[i] + values[i - 7]) > 128);
        }
    }

    [Fact]
    public void Seven_bits_are_kept()
    {
        Graph graph = Quantized(Convolution, new() { Samples = "samples", Saturation = "seven_bits", Rounding = "gptq" }).After;
        Tensor filter = Assert.Single(graph.Nodes, node => node.Name.EndsWith("/filter", StringComparison.Ordinal)).TensorAttribute("value")!;
        Assert.All(filter.AsSpan<sbyte>().ToArray(), value => Assert.Equal(0, value % 2));
    }

    [Fact]
    public void The_same_samples_give_the_same_bytes()
    {
        var options = new Quantize.Options { Samples = "samples", Rounding = "gptq" };
        Assert.Equal(GraphText.Print(Quantized(Convolution, options).After), GraphText.Print(Quantized(Convolution, options).After));
    }

    [Fact]
    public void Gptq_needs_samples()
    {
        var test = new QuantizationTest(new Quantize(), new Quantize.Options { Rounding = "gptq", Ranges = "ranges" }) { File = CalibratedTest.Calibrated(GraphText.Parse(Product), Feeds(GraphText.Parse(Product))) };
        Assert.Contains("samples", test.Fails(Product).Message, StringComparison.Ordinal);
    }

    private static CalibratedTest Quantized(string graph, Quantize.Options options) => new(graph, options, feeds: Feeds(GraphText.Parse(graph)));

    /// <summary>Neighbours that are alike, in steps of 1/127 up to 1, so that the weights' rounding makes all of the noise.</summary>
    private static List<Dictionary<string, Tensor>> Feeds(Graph graph) => [.. Enumerable.Range(1, 40).Select(seed => CalibratedTest.Feeds(graph, seed).ToDictionary(feed => feed.Key, feed => Smooth(feed.Value), StringComparer.Ordinal))];

    private static Tensor Smooth(Tensor values)
    {
        float[] elements = values.ToSingles();
        for (int i = 1; i < elements.Length; i++)
            elements[i] = (0.9f * elements[i - 1]) + (0.1f * elements[i]);
        for (int i = 0; i < elements.Length; i++)
            elements[i] = MathF.Round(elements[i] * 127) / 127;
        elements[0] = 1;
        return Tensor.Create<float>(DataType.Float, values.Shape, elements);
    }
}
