using TransformFramework.Cpu;
using TransformFramework.Graphs;
using static TransformFramework.Quantization.Tests.CalibratedTest;
using static TransformFramework.Quantization.Tests.QuantizeGraphs;

namespace TransformFramework.Quantization.Tests;

/// <summary>Residual additions, fused into convolutions or apart.</summary>
public sealed class QuantizeResidualTests
{
    [Theory]
    [InlineData("Add", "d, r", "Relu")]
    [InlineData("AddV2", "r, d", "Relu6")]
    public void An_unsigned_residual_belongs_to_the_convolution(string add, string inputs, string activation)
    {
        var test = new CalibratedTest(Residual(add, inputs, activation));
        Assert.Equal(["QuantizedConv2DWithBiasAndReluAndRequantize", "QuantizedConv2DWithBiasAndReluAndRequantize", "QuantizedConv2DWithBiasSumAndReluAndRequantize", "QuantizedConv2DWithBias", "Bitcast", "Cast", "Mul"], test.Ops);
        Assert.True(test.Sqnr() > 28, $"{test.Sqnr():F1} dB");
    }

    /// <summary>What else reads the residual r, so that TensorFlow would overwrite it too early.</summary>
    [Theory]
    [InlineData("", true)]
    [InlineData("p = MaxPool(r) {T=float, ksize=[1,5,5,1], strides=[1,1,1,1], padding=\"VALID\"}", false)]
    [InlineData("z = Conv2D(r, w2) {T=float, strides=[1,1,1,1], padding=\"SAME\"}", false)]
    [InlineData("p = Identity(f) {T=float}", true)]
    public void A_residual_is_fused_only_when_all_else_has_read_it(string reader, bool isFused) =>
        Assert.Equal(isFused, new CalibratedTest(Residual("AddV2", "d, r", "Relu") + "\n" + reader).Ops.Contains("QuantizedConv2DWithBiasSumAndReluAndRequantize"));

    [Fact]
    public void A_residual_that_the_convolution_itself_reads_is_not_fused() =>
        Assert.DoesNotContain("QuantizedConv2DWithBiasSumAndReluAndRequantize", new CalibratedTest(Residual("AddV2", "d, r", "Relu").Replace("Conv2D(f, w2)", "Conv2D(r, w2)", StringComparison.Ordinal)).Ops);

    [Fact]
    public void A_residual_is_not_fused_into_a_convolution_of_signed_data() =>
        Assert.DoesNotContain("QuantizedConv2DWithBiasSumAndReluAndRequantize", new CalibratedTest(Residual("AddV2", "d, r", "Relu").Replace("f = Relu(e)", "f = Tanh(e)", StringComparison.Ordinal)).Ops);

    [Fact]
    public void A_sum_that_would_broadcast_stays_one_of_numbers()
    {
        var test = new CalibratedTest(
            $$"""
            x = Placeholder() {dtype=float, shape=(1,5,5,3)}
            w = {{Floats("1,1,3,4", 1)}}
            v = {{Floats("1,1,4,4", 2)}}
            spatial = Const() {dtype=int32, value=int32[2]{1, 2} }
            c = Conv2D(x, w) {T=float, {{Window}} }
            r = Relu(c) {T=float}
            p = Mean(r, spatial) {T=float, Tidx=int32, keep_dims=true}
            d = Conv2D(r, v) {T=float, {{Window}} }
            s = Add(p, d) {T=float}
            t = Relu(s) {T=float}
            y = Conv2D(t, v) {T=float, {{Window}} }
            """);
        Assert.Contains("Add", test.Ops);
        Assert.True(test.Sqnr() > 25, $"{test.Sqnr():F1} dB");
    }

    [Fact]
    public void Unrounded_residuals_are_nearer_to_float_and_keep_8_bits_where_layers_read()
    {
        string graph = Residual("AddV2", "d, r", "Relu").Replace("y = Conv2D(t, w2)", "g = Conv2D(t, w2)", StringComparison.Ordinal) + $$"""

            u = AddV2(g, t) {T=float}
            y = Conv2D(u, w2) {T=float, {{Window}} }
            """;
        var rounded = new CalibratedTest(graph);
        var unrounded = new CalibratedTest(graph, new Quantize.Options { Residual = "unrounded" });
        Assert.True(unrounded.Sqnr() > rounded.Sqnr(), $"{unrounded.Sqnr():F1} and {rounded.Sqnr():F1} dB");
        Assert.DoesNotContain(unrounded.Ops, op => op.Contains("Sum", StringComparison.Ordinal) || op == "Conv2D");
        Assert.All(unrounded.After.Nodes.Where(node => node.Op == "AddV2"), sum => Assert.DoesNotContain(sum.Inputs, input => unrounded.After.Find(input.Node)!.Op == "Dequantize"));
        Assert.True(new CalibratedTest(graph, new Quantize.Options { Residual = "unrounded", Target = "portable" }).Sqnr() > rounded.Sqnr() - 0.5);
    }
}
