using TransformFramework.Cpu;
using TransformFramework.Graphs;
using static TransformFramework.Quantization.Tests.CalibratedTest;

namespace TransformFramework.Quantization.Tests;

public sealed class QuantizeTests
{
    private const string Window = "strides=[1,1,1,1], padding=\"SAME\", data_format=\"NHWC\"";

    private static readonly string Product =
        $$"""
        x = Placeholder() {dtype=float, shape=(1,256)}
        w = Const() {dtype=float, value=float[256,2] { {{string.Join(", ", Enumerable.Repeat("0.01, 1", 256))}} } }
        y = MatMul(x, w) {T=float, transpose_a=false, transpose_b=false}
        """;

    /// <summary>The op under test between two convolutions, so that codes come in and go out; a and b are codes.</summary>
    public static TheoryData<string> Between =>
    [
        "t = Add(a, b) {T=float}",
        "t = AddV2(a, b) {T=float}",
        "t = Sub(a, b) {T=float}",
        "t = Mul(a, b) {T=float}",
        "t = Relu(a) {T=float}",
        "t = Relu6(a) {T=float}",
        "t = LeakyRelu(a) {T=float, alpha=0.1}",
        "t = Sigmoid(a) {T=float}",
        "t = Tanh(a) {T=float}",
        "t = Elu(a) {T=float}",
        "t = Softplus(a) {T=float}",
        "t0 = AddV2(a, three) {T=float}\nt1 = Relu6(t0) {T=float}\nt2 = Mul(t1, sixth) {T=float}\nt = Mul(a, t2) {T=float}",
        "t = MaxPool(a) {T=float, ksize=[1,2,2,1], strides=[1,2,2,1], padding=\"VALID\", data_format=\"NHWC\"}",
        "t = AvgPool(a) {T=float, ksize=[1,3,3,1], strides=[1,1,1,1], padding=\"SAME\", data_format=\"NHWC\"}",
        "t = Mean(a, spatial) {T=float, Tidx=int32, keep_dims=true}",
        "t = ConcatV2(a, b, last) {N=2, T=float, Tidx=int32}",
        "t = Pad(a, paddings) {T=float, Tpaddings=int32}",
        "t = Transpose(a, turned) {T=float, Tperm=int32}",
        "t = Reshape(a, wide) {T=float, Tshape=int32}",
        "t = ResizeBilinear(a, size) {T=float, align_corners=false, half_pixel_centers=false}",
        "t = ResizeNearestNeighbor(a, size) {T=float, align_corners=false, half_pixel_centers=false}",
        "t = DepthToSpace(a) {T=float, block_size=2, data_format=\"NHWC\"}",
        "t = Slice(a, begin, length) {T=float, Index=int32}",
        "t = Exp(a) {T=float}",
        "t = Floor(a) {T=float}",
    ];

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

    [Theory]
    [MemberData(nameof(Between))]
    public void What_stands_between_convolutions_runs_and_computes_the_same(string nodes)
    {
        int channels = nodes.Contains("ConcatV2", StringComparison.Ordinal) ? 8 : nodes.Contains("DepthToSpace", StringComparison.Ordinal) ? 1 : 4;
        var test = new CalibratedTest(
            $$"""
            x = Placeholder() {dtype=float, shape=(1,6,6,3)}
            three = Const() {dtype=float, value=float[]{3} }
            sixth = Const() {dtype=float, value=float[]{0.16666667} }
            spatial = Const() {dtype=int32, value=int32[2]{1, 2} }
            last = Const() {dtype=int32, value=int32[]{3} }
            paddings = Const() {dtype=int32, value=int32[4,2]{0, 0, 1, 1, 2, 0, 0, 0} }
            turned = Const() {dtype=int32, value=int32[4]{0, 2, 1, 3} }
            wide = Const() {dtype=int32, value=int32[4]{1, 3, 12, 4} }
            size = Const() {dtype=int32, value=int32[2]{9, 9} }
            begin = Const() {dtype=int32, value=int32[4]{0, 1, 0, 0} }
            length = Const() {dtype=int32, value=int32[4]{1, 3, -1, -1} }
            wa = {{Floats("3,3,3,4", 1)}}
            wb = {{Floats("1,1,3,4", 2)}}
            wy = {{Floats($"1,1,{channels},5", 3)}}
            a = Conv2D(x, wa) {T=float, {{Window}} }
            b = Conv2D(x, wb) {T=float, {{Window}} }
            {{nodes}}
            y = Conv2D(t, wy) {T=float, {{Window}} }
            """);
        Assert.DoesNotContain("Conv2D", test.Ops);
        Assert.True(test.Sqnr() > 25, $"{test.Sqnr():F1} dB");
    }

    [Theory]
    [InlineData("c = Conv2D(x, w) {T=float, strides=[1,2,2,1], padding=\"SAME\", data_format=\"NHWC\"}", "3,3,3,4", "QuantizedConv2DWithBias")]
    [InlineData("c = Conv2D(x, w) {T=float, strides=[1,1,2,1], padding=\"VALID\", data_format=\"NHWC\"}", "3,2,3,4", "QuantizedConv2DWithBias")]
    [InlineData("c = Conv2D(x, w) {T=float, strides=[1,1,1,1], dilations=[1,2,2,1], padding=\"SAME\", data_format=\"NHWC\"}", "3,3,3,4", "QuantizedConv2DWithBias")]
    [InlineData("c = DepthwiseConv2dNative(x, w) {T=float, strides=[1,1,1,1], padding=\"SAME\", data_format=\"NHWC\"}", "3,3,3,1", "QuantizedDepthwiseConv2DWithBias")]
    [InlineData("c = DepthwiseConv2dNative(x, w) {T=float, strides=[1,2,2,1], padding=\"SAME\", data_format=\"NHWC\"}", "3,3,3,2", "QuantizedDepthwiseConv2DWithBias")]
    public void Convolutions_of_every_kind_take_their_bias_and_activation_along(string convolution, string shape, string op)
    {
        int channels = shape.Split(',') is [_, _, var before, var last] && op.Contains("Depthwise", StringComparison.Ordinal) ? int.Parse(before, null) * int.Parse(last, null) : 4;
        foreach (string activation in (string[])["Relu", "Relu6", "Identity"])
        {
            string graph =
                $$"""
                x = Placeholder() {dtype=float, shape=(2,7,7,3)}
                w = {{Floats(shape, 1)}}
                bias = {{Floats($"{channels}", 2)}}
                v = {{Floats($"1,1,{channels},3", 3)}}
                {{convolution}}
                d = BiasAdd(c, bias) {T=float, data_format="NHWC"}
                e = {{activation}}(d) {T=float}
                y = Conv2D(e, v) {T=float, {{Window}} }
                """;
            foreach (bool perChannel in (bool[])[true, false])
            {
                var test = new CalibratedTest(graph, new Quantize.Options { PerChannel = perChannel });
                Assert.Contains(test.Ops, name => name.StartsWith(op, StringComparison.Ordinal) && name.Contains("AndRelu", StringComparison.Ordinal) == (activation != "Identity"));
                Assert.True(test.Sqnr() > 28, $"{activation} {perChannel}: {test.Sqnr():F1} dB");
            }
        }
    }

    [Theory]
    [InlineData("6,5", "false")]
    [InlineData("5,6", "true")]
    public void Products_are_convolutions_of_one_pixel(string shape, string transposed)
    {
        var test = new CalibratedTest(
            $$"""
            x = Placeholder() {dtype=float, shape=(3,6)}
            w = {{Floats(shape, 1)}}
            v = {{Floats("5,4", 2)}}
            bias = {{Floats("5", 3)}}
            m = MatMul(x, w) {T=float, transpose_a=false, transpose_b={{transposed}} }
            b = BiasAdd(m, bias) {T=float, data_format="NHWC"}
            r = Relu(b) {T=float}
            y = MatMul(r, v) {T=float, transpose_a=false, transpose_b=false}
            """);
        Assert.Equal(["Reshape", "QuantizedConv2DWithBiasAndReluAndRequantize", "Reshape", "Reshape", "QuantizedConv2DWithBias", "Bitcast", "Cast", "Mul", "Reshape"], test.Ops);
        Assert.True(test.Sqnr() > 30, $"{test.Sqnr():F1} dB");
    }

    [Theory]
    [InlineData("Add", "d, r", "Relu")]
    [InlineData("AddV2", "r, d", "Relu6")]
    public void An_unsigned_residual_belongs_to_the_convolution(string add, string inputs, string activation)
    {
        var test = new CalibratedTest(Residual(add, inputs, activation));
        Assert.Equal(["QuantizedConv2DWithBiasAndReluAndRequantize", "QuantizedConv2DWithBiasAndReluAndRequantize", "QuantizedConv2DWithBiasSumAndReluAndRequantize", "QuantizedConv2DWithBias", "Bitcast", "Cast", "Mul"], test.Ops);
        Assert.True(test.Sqnr() > 28, $"{test.Sqnr():F1} dB");
    }

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
    public void Ranges_that_the_graph_states_need_no_file()
    {
        var test = new QuantizationTest(new Quantize(), new Quantize.Options());
        Graph result = test.Run(
            $$"""
            x = Placeholder() {dtype=float, shape=(1,5,5,3)}
            fx = FakeQuantWithMinMaxArgs(x) {min=-1.5, max=1.5, num_bits=8, narrow_range=false}
            low = Const() {dtype=float, value=float[]{0} }
            high = Const() {dtype=float, value=float[]{2.5} }
            w = {{Floats("1,1,3,4", 1)}}
            v = {{Floats("1,1,4,4", 2)}}
            c = Conv2D(fx, w) {T=float, {{Window}} }
            r = Relu(c) {T=float}
            fr = FakeQuantWithMinMaxVars(r, low, high) {num_bits=8, narrow_range=false}
            y = Conv2D(fr, v) {T=float, {{Window}} }
            """);
        Assert.DoesNotContain(result.Nodes, node => node.Op.StartsWith("FakeQuant", StringComparison.Ordinal) || node.Op == "Conv2D");
        Assert.Contains(result.Nodes, node => node.TensorAttribute("value") is { Type: DataType.Float, Shape.Rank: 0 } value && value.AsSpan<float>()[0] == 2.5f);
    }

    [Theory]
    [InlineData("*second*", null, null, 1)]
    [InlineData(null, "op:Conv2D", null, 0)]
    [InlineData(null, "re:^(first|third)$", null, 1)]
    [InlineData(null, null, "first", 2)]
    [InlineData(null, null, "last", 2)]
    [InlineData(null, null, null, 3)]
    public void Patterns_and_ends_choose_what_is_quantized(string? include, string? exclude, string? keep, int quantized)
    {
        var options = new Quantize.Options { Include = include is null ? [] : [include], Exclude = exclude is null ? [] : [exclude], KeepFloat = keep is null ? [] : [keep] };
        var test = new CalibratedTest(Chain, options);
        Assert.Equal(3 - quantized, test.After.Nodes.Count(node => node.Op == "Conv2D"));
        Assert.Equal(quantized, test.Ops.Count(op => op.StartsWith("Quantized", StringComparison.Ordinal)));
        Assert.True(test.Sqnr() > 25, $"{test.Sqnr():F1} dB");
    }

    [Theory]
    [InlineData("secnd", "Near names: second")]
    [InlineData("op:Conv3D", "Near names: Conv2D")]
    [InlineData("re:^s.*x$", "Near names: ")]
    public void A_pattern_that_matches_nothing_is_an_error(string pattern, string suggestion)
    {
        var error = new QuantizationTest(new Quantize(), new Quantize.Options { Exclude = [pattern] }).Fails(Chain);
        Assert.Contains("matches none of the 3 nodes", error.Message, StringComparison.Ordinal);
        Assert.StartsWith(suggestion, error.Suggestion, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_something_else_is_named() =>
        Assert.Contains("'nothing' is not a file of ranges", new QuantizationTest(new Quantize(), new Quantize.Options { Ranges = "nothing" }) { File = "abc" }.Fails(Chain).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("NCHW", "SAME", "NCHW")]
    [InlineData("NHWC", "EXPLICIT", "EXPLICIT")]
    public void What_has_no_integer_form_stays_with_its_reason(string format, string padding, string reason)
    {
        var test = new QuantizationTest(new Quantize(), new Quantize.Options());
        test.Run(
            $$"""
            x = Placeholder() {dtype=float, shape=(1,4,4,4)}
            w = {{Floats("1,1,4,4", 1)}}
            y = Conv2D(x, w) {T=float, strides=[1,1,1,1], padding="{{padding}}", data_format="{{format}}" }
            """);
        Assert.Contains(test.Explanations, line => line.StartsWith("y: stays float", StringComparison.Ordinal) && line.Contains(reason, StringComparison.Ordinal));
    }

    [Fact]
    public void Dead_channels_with_a_bias_keep_it()
    {
        var test = new CalibratedTest(
            $$"""
            x = Placeholder() {dtype=float, shape=(1,3,3,2)}
            w = Const() {dtype=float, value=float[1,1,2,2]{1, 0, -1, 0} }
            bias = Const() {dtype=float, value=float[2]{0.5, 1000} }
            v = {{Floats("1,1,2,2", 2)}}
            c = Conv2D(x, w) {T=float, {{Window}} }
            b = BiasAdd(c, bias) {T=float, data_format="NHWC"}
            y = Conv2D(b, v) {T=float, {{Window}} }
            """);
        Assert.True(test.Sqnr() > 30, $"{test.Sqnr():F1} dB");
    }

    [Fact]
    public void Shared_weights_are_stored_once()
    {
        var test = new CalibratedTest(
            $$"""
            x = Placeholder() {dtype=float, shape=(1,3,3,2)}
            z = Placeholder() {dtype=float, shape=(1,3,3,2)}
            w = {{Floats("1,1,2,2", 1)}}
            a = Conv2D(x, w) {T=float, {{Window}} }
            b = Conv2D(z, w) {T=float, {{Window}} }
            y = Add(a, b) {T=float}
            """);
        Assert.Single(test.After.Nodes, node => node.TensorAttribute("value") is { Type: DataType.QInt8 });
        Assert.True(test.Sqnr() > 30, $"{test.Sqnr():F1} dB");
    }

    [Fact]
    public void Every_op_that_is_written_has_a_kernel()
    {
        var backend = new CpuBackend();
        var graphs = new[] { Chain, Residual("Add", "d, r", "Relu"), Product }.Select(graph => new CalibratedTest(graph).After);
        Assert.All(graphs.SelectMany(graph => graph.Nodes).Where(node => node.Op is not ("Const" or "Placeholder")), node => Assert.True(backend.Supports(node.Op), node.Op));
    }

    private static string Chain =>
        $$"""
        x = Placeholder() {dtype=float, shape=(1,5,5,3)}
        w1 = {{Floats("3,3,3,4", 1)}}
        w2 = {{Floats("1,1,4,4", 2)}}
        first = Conv2D(x, w1) {T=float, {{Window}} }
        r1 = Relu(first) {T=float}
        second = Conv2D(r1, w2) {T=float, {{Window}} }
        r2 = Relu(second) {T=float}
        third = Conv2D(r2, w2) {T=float, {{Window}} }
        y = Identity(third) {T=float}
        """;

    private static string Residual(string add, string inputs, string activation) =>
        $$"""
        x = Placeholder() {dtype=float, shape=(1,5,5,3)}
        w1 = {{Floats("1,1,3,4", 1)}}
        w2 = {{Floats("3,3,4,4", 2, 0.3f)}}
        c = Conv2D(x, w1) {T=float, {{Window}} }
        r = Relu(c) {T=float}
        e = Conv2D(r, w2) {T=float, {{Window}} }
        f = Relu(e) {T=float}
        d = Conv2D(f, w2) {T=float, {{Window}} }
        s = {{add}}({{inputs}}) {T=float}
        t = {{activation}}(s) {T=float}
        y = Conv2D(t, w2) {T=float, {{Window}} }
        """;
}
