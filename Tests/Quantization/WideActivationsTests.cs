using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Tests;

/// <summary>Activations of 16 bits.</summary>
public sealed class WideActivationsTests
{
    private static readonly Quantize.Options Wide = new() { ActivationBits = 16 };

    private static readonly string Depthwise = $$"""
        x = Placeholder() {dtype=float, shape=(?,9,8,5)}
        w1 = {{CalibratedTest.Floats("3,3,5,6", 1)}}
        b1 = {{CalibratedTest.Floats("6", 2)}}
        w2 = {{CalibratedTest.Floats("3,3,6,1", 3)}}
        b2 = {{CalibratedTest.Floats("6", 4)}}
        w3 = {{CalibratedTest.Floats("1,1,6,7", 5)}}
        first = Conv2D(x, w1) {T=float, {{QuantizeGraphs.Window}} }
        first_bias = BiasAdd(first, b1) {T=float}
        r1 = Relu6(first_bias) {T=float}
        middle = DepthwiseConv2dNative(r1, w2) {T=float, {{QuantizeGraphs.Window}} }
        middle_bias = BiasAdd(middle, b2) {T=float}
        r2 = Relu6(middle_bias) {T=float}
        y = Conv2D(r2, w3) {T=float, {{QuantizeGraphs.Window}} }
        """;

    public static TheoryData<string, string> Graphs => new()
    {
        { Depthwise, "tensorflow" }, { Depthwise, "onnx" }, { Depthwise, "tflite" }, { Depthwise, "portable" }, { QuantizeGraphs.Multiplication, "tensorflow" }, { QuantizeGraphs.Multiplication, "tflite" },
    };

    [Theory]
    [MemberData(nameof(Graphs))]
    public void Rounded_data_of_16_bits_leave_only_the_noise_of_weights(string graph, string target)
    {
        double narrow = Sqnr(graph, new() { Target = target, CorrectBias = false });
        double wide = Sqnr(graph, Wide with { Target = target, CorrectBias = false });
        Assert.True(wide > narrow + 1, $"8 bits: {narrow:F1} dB, 16 bits: {wide:F1} dB");
        Assert.True(wide > 40, $"16 bits: {wide:F1} dB");
    }

    [Fact]
    public void Named_layers_read_16_bits_and_others_8()
    {
        var test = new CalibratedTest(Depthwise, Wide with { Wide = ["middle"] });
        Assert.Equal(["r1/wide"], test.After.Nodes.Where(node => node.Op == "QuantizeV2" && node.TypeAttribute("T") == DataType.QInt16).Select(node => node.Name));
        Assert.Equal(2, test.After.Nodes.Count(node => node.Op.StartsWith("QuantizedConv2D", StringComparison.Ordinal)));
        Assert.Equal("r1/rounded", test.After.Find("middle")!.Inputs[0].Node);
        Assert.True(test.Sqnr() > Sqnr(Depthwise, new()));
    }

    [Fact]
    public void A_range_of_16_bits_is_twice_what_samples_show()
    {
        var feed = CalibratedTest.Feeds(GraphText.Parse(Depthwise), seed: 1);
        Graph graph = new CalibratedTest(Depthwise, Wide, feeds: [feed]).After;
        Assert.Equal(2 * feed["x"].ToSingles().Max(MathF.Abs), graph.Find("x/wide_max")!.TensorAttribute("value")!.ToSingles()[0]);
    }

    [Fact]
    public void Results_have_16_bits_for_tflite()
    {
        Graph graph = new CalibratedTest(Depthwise, Wide with { Target = "tflite" }).After;
        Assert.Equal(["r1/wide", "r2/wide", "x/wide", "y/wide"], graph.Nodes.Where(node => node.TypeAttribute("T") == DataType.QInt16 && node.Op == "QuantizeV2").Select(node => node.Name).Order(StringComparer.Ordinal));
        Assert.Equal("Dequantize", graph.Find("y")!.Op);
    }

    [Fact]
    public void Samples_round_the_weights_of_layers_that_read_16_bits()
    {
        double nearest = Sqnr(Depthwise, Wide);
        double fedBack = Sqnr(Depthwise, Wide with { Samples = "samples", Rounding = "gptq", Wide = ["first", "middle"] });
        Assert.True(fedBack > nearest - 6, $"{nearest:F1} dB, {fedBack:F1} dB");
    }

    public static TheoryData<string, Quantize.Options> Refused => new()
    {
        { "neither 8 nor 16", new() { ActivationBits = 12 } },
        { "wide needs activation_bits=16", new() { Wide = ["m"] } },
        { "activation_bits=16 and weights_only exclude each other", new() { ActivationBits = 16, WeightsOnly = true } },
        { "activation_bits=16 and dynamic exclude each other", new() { ActivationBits = 16, Dynamic = true } },
        { "reconstruct=2 needs rounding", new() { Reconstruct = 2 } },
        { "matches none", new() { ActivationBits = 16, Wide = ["nothing"] } },
        { "bits=4 needs weights_only=true", new() { Bits = 4 } },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_cannot_be_is_refused_by_name(string message, Quantize.Options options) =>
        Assert.Contains(message, new QuantizationTest(new Quantize(), options).Fails(QuantizeGraphs.Multiplication).Message, StringComparison.Ordinal);

    [Fact]
    public void Widths_and_groups_that_are_none_are_refused_before_the_step_runs()
    {
        Assert.Contains("bits=5 is neither 8 nor 4", Assert.Throws<TransformException>(() => new Quantize.Options { Bits = 5 }).Message, StringComparison.Ordinal);
        Assert.Contains("group=24 is none of", Assert.Throws<TransformException>(() => new Quantize.Options { Group = 24 }).Message, StringComparison.Ordinal);
    }

    private static double Sqnr(string graph, Quantize.Options options) => new CalibratedTest(graph, options).Sqnr();
}
