using TransformFramework.Cpu;
using TransformFramework.Graphs;
using static TransformFramework.Quantization.Tests.CalibratedTest;
using static TransformFramework.Quantization.Tests.QuantizeGraphs;

namespace TransformFramework.Quantization.Tests;

/// <summary>What <c>quantize</c> makes of layers and of what is between them.</summary>
public sealed class QuantizeTests
{
    private static readonly string Product =
        $$"""
        x = Placeholder() {dtype=float, shape=(1,256)}
        w = Const() {dtype=float, value=float[256,2] { {{string.Join(", ", Enumerable.Repeat("0.01, 1", 256))}} } }
        y = MatMul(x, w) {T=float, transpose_a=false, transpose_b=false}
        """;

    /// <summary>The op under test between two convolutions, so that quantized values come in and go out; a and b are quantized.</summary>
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
    public void Headroom_widens_all_ranges_but_those_of_inputs()
    {
        const string graph = """
            x = Placeholder() {dtype=float, shape=(1,2)}
            w = Const() {dtype=float, value=float[2,2]{1, 2, 3, 4}}
            r = Relu(x) {T=float}
            m = MatMul(r, w) {T=float}
            n = MatMul(x, w) {T=float}
            y = AddV2(m, n) {T=float}
            """;
        Dictionary<string, Tensor> feed = new() { ["x"] = Tensor.Create<float>(DataType.Float, TensorShape.Of(1, 2), [-1, 4]) };
        var test = new QuantizationTest(new Quantize(), new Quantize.Options { Ranges = "ranges" }) { File = CalibratedTest.Calibrated(GraphText.Parse(graph), [feed], headroom: 1.5f) };
        Graph after = test.Run(GraphText.Parse(graph));
        Assert.Equal(4, EndOf("x"));
        Assert.Equal(6, EndOf("r"));

        float EndOf(string tensor) => after.Find(after.Nodes.First(node => node.Op == "QuantizeV2" && node.Inputs[0].Node == tensor).Inputs[2].Node)!.TensorAttribute("value")!.ToSingles()[0];
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

    [Theory]
    [InlineData("SAME", 1, "1,7,7,3", true)]
    [InlineData("VALID", 2, "?,?,?,3", true)]
    [InlineData("SAME", 2, "1,8,7,3", true)]
    [InlineData("SAME", 2, "1,?,?,3", false)]
    public void Depthwise_convolutions_of_signed_data_read_it_shifted_where_the_padding_is_known(string padding, int stride, string shape, bool isShifted)
    {
        string graph =
            $$"""
            x = Placeholder() {dtype=float, shape=({{shape}})}
            w = {{Floats("3,3,3,2", 1)}}
            bias = {{Floats("6", 2)}}
            v = {{Floats("1,1,6,3", 3)}}
            c = DepthwiseConv2dNative(x, w) {T=float, strides=[1,{{stride}},{{stride}},1], padding="{{padding}}", data_format="NHWC"}
            d = BiasAdd(c, bias) {T=float, data_format="NHWC"}
            e = Relu(d) {T=float}
            y = Conv2D(e, v) {T=float, {{Window}} }
            """;
        var test = new CalibratedTest(graph);
        Assert.Equal(isShifted, test.Ops.Contains("QuantizedDepthwiseConv2DWithBiasAndReluAndRequantize"));
        Assert.Equal(!isShifted, test.Ops.Contains("DepthwiseConv2dNative"));
        Assert.DoesNotContain(test.After.Nodes, node => node.Op.StartsWith("QuantizedDepthwise", StringComparison.Ordinal) && node.TypeAttribute("Tinput") == DataType.QInt8);
        Assert.True(test.Sqnr() > 28, $"{test.Sqnr():F1} dB");
        if (isShifted)
            Assert.Equal(new CalibratedTest(graph, new Quantize.Options { Target = "onnx" }).Sqnr(), test.Sqnr(), 0.5);
    }

    [Fact]
    public void Tensors_of_rank_3_stay_float_between_layers()
    {
        string graph =
            $$"""
            x = Placeholder() {dtype=float, shape=(1,4,4,3)}
            w = {{Floats("1,1,3,4", 1)}}
            v = {{Floats("4,5", 2)}}
            three = Const() {dtype=int32, value=int32[3]{1, 16, 4} }
            two = Const() {dtype=int32, value=int32[2]{16, 4} }
            c = Conv2D(x, w) {T=float, {{Window}} }
            r = Relu(c) {T=float}
            s = Reshape(r, three) {T=float, Tshape=int32}
            u = Reshape(s, two) {T=float, Tshape=int32}
            y = MatMul(u, v) {T=float, transpose_a=false, transpose_b=false}
            """;
        Assert.DoesNotContain(new CalibratedTest(graph).After.Nodes, node => node.Op is "Dequantize" && node.Inputs[0].Node == "s/quantized");
        Assert.Contains(new CalibratedTest(graph, new Quantize.Options { Target = "onnx" }).After.Nodes, node => node.Op is "Dequantize" && node.Inputs[0].Node == "s/quantized");
    }
}
