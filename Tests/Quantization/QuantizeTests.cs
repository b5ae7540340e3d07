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
    public void Portable_graphs_hold_plain_ops_and_compute_nearly_the_same()
    {
        foreach (string graph in (string[])[Chain, Residual("Add", "d, r", "Relu"), Multiplication])
        {
            var plain = new CalibratedTest(graph, new Quantize.Options { Target = "portable" });
            Assert.DoesNotContain(plain.After.Nodes, node => (node.Op.StartsWith("Quantize", StringComparison.Ordinal) && node.Op != "QuantizeAndDequantizeV2") || node.Op is "Dequantize");
            Assert.Contains(plain.After.Nodes, node => node.TensorAttribute("value") is { Type: DataType.Int8 });
            Assert.Equal(new CalibratedTest(graph).Sqnr(), plain.Sqnr(), 1.5);
        }
    }

    [Theory]
    [InlineData("portable", false)]
    [InlineData("tensorflow", true)]
    public void A_convolution_in_groups_stays_float_where_integer_ops_have_no_groups(string target, bool isFloat)
    {
        string graph = $$"""
            x = Placeholder() {dtype=float, shape=(1,6,6,8)}
            w = {{Floats("3,3,4,8", 1, 0.3f)}}
            c = Conv2D(x, w) {T=float, {{Window}}}
            y = Relu(c) {T=float}
            """;
        var test = new CalibratedTest(graph, new Quantize.Options { Target = target });
        Assert.Equal(isFloat, test.After.Find("w") is not null);
        Assert.True(test.Sqnr() > 30, $"{test.Sqnr():F1} dB");
    }

    [Fact]
    public void For_TensorFlow_Lite_results_have_8_bits()
    {
        var test = new CalibratedTest(Chain, new Quantize.Options { Target = "tflite" });
        Assert.All(test.Ops.Where(op => op.StartsWith("Quantized", StringComparison.Ordinal)), op => Assert.EndsWith("AndRequantize", op, StringComparison.Ordinal));
        Assert.True(test.Sqnr() > 25, $"{test.Sqnr():F1} dB");
    }

    [Theory]
    [InlineData("3,3,3,16", 0, "allow", 127)]
    [InlineData("3,3,3,16", 0, "seven_bits", 64)]
    [InlineData("3,3,3,16", -1, "seven_bits", 126)]
    [InlineData("3,3,3,16", 0, "avoid_pairs", 127)]
    [InlineData("1,1,3,16", 0, "avoid_pairs", 127)]
    public void Weights_keep_to_what_the_saturation_allows(string shape, float smallest, string saturation, int largest)
    {
        var test = new CalibratedTest(
            $$"""
            x = Placeholder() {dtype=float, shape=(1,5,5,3)}
            w = {{Floats(shape, 1)}}
            y = Conv2D(x, w) {T=float, {{Window}} }
            """,
            new Quantize.Options { Saturation = saturation },
            smallest);
        Tensor filter = test.After.Nodes.Select(node => node.TensorAttribute("value")).Single(value => value is { Type: DataType.QInt8 })!;
        sbyte[] values = filter.AsSpan<sbyte>().ToArray();
        Assert.True(values.Max(value => Math.Abs((int)value)) <= largest);
        Assert.True(saturation != "seven_bits" || smallest >= 0 || values.All(value => value % 2 == 0));
        Assert.Equal(saturation == "avoid_pairs" || largest == 64, Pairs(values, 16, 3).All(sum => sum <= 128));
        Assert.True(test.Sqnr() > 30, $"{test.Sqnr():F1} dB");
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void A_depthwise_filter_of_one_result_a_channel_has_no_pairs(int multiplier, bool isTheSame)
    {
        string graph =
            $$"""
            x = Placeholder() {dtype=float, shape=(1,6,6,8)}
            w = {{Floats($"3,3,8,{multiplier}", 3)}}
            y = DepthwiseConv2dNative(x, w) {T=float, {{Window}} }
            """;
        Assert.Equal(isTheSame, FilterOf("allow").ContentEquals(FilterOf("avoid_pairs")));

        Tensor FilterOf(string saturation) =>
            new CalibratedTest(graph, new Quantize.Options { Saturation = saturation }, 0).After.Nodes.Select(node => node.TensorAttribute("value")).Single(value => value is { Type: DataType.QInt8 })!;
    }

    [Theory]
    [InlineData("keras", "allow", "target=\"keras\" is none of tensorflow, portable, onnx, tflite")]
    [InlineData("onnx", "never", "saturation=\"never\" is none of allow, avoid_pairs, seven_bits")]
    public void Words_that_are_no_choice_are_named(string target, string saturation, string message) =>
        Assert.Contains(message, new QuantizationTest(new Quantize(), new Quantize.Options { Target = target, Saturation = saturation }).Fails(Chain).Message, StringComparison.Ordinal);

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

    [Theory]
    [InlineData("SAME")]
    [InlineData("VALID")]
    public void An_unrounded_input_keeps_its_bytes(string padding)
    {
        string graph =
            $$"""
            x = Placeholder() {dtype=float, shape=(1,65,65,3)}
            w = {{Floats("3,3,3,4", 1)}}
            bias = {{Floats("4", 2)}}
            c = Conv2D(x, w) {T=float, strides=[1,2,2,1], padding="{{padding}}"}
            y = BiasAdd(c, bias) {T=float}
            """;
        var feeds = Enumerable.Range(1, 8).Select(seed => Bytes(CalibratedTest.Feeds(GraphText.Parse(graph), seed))).ToList();
        double[] decibels = [.. new[] { "8bit", "unrounded" }.Select(input => new CalibratedTest(graph, new Quantize.Options { Input = input }, feeds: feeds).Sqnr())];
        Assert.True(decibels[1] > decibels[0] + 0.5, $"{decibels[0]:F1} and {decibels[1]:F1} dB");

        static Dictionary<string, Tensor> Bytes(Dictionary<string, Tensor> feeds) => feeds.ToDictionary(
            feed => feed.Key,
            feed => Tensor.Create<float>(DataType.Float, feed.Value.Shape, [-1, 1, .. feed.Value.ToSingles().Skip(2).Select(value => (MathF.Round((value + 1) * 127.5f) / 127.5f) - 1)]));
    }

    /// <summary>Magnitudes of the sums of neighbours of one sign, counted from the first input of a window and of each position.</summary>
    private static IEnumerable<int> Pairs(sbyte[] values, int channels, int inputs) =>
        from i in Enumerable.Range(channels, values.Length - channels)
        let row = i / channels
        where (row % 2 == 1 || row % inputs % 2 == 1) && values[i] * values[i - channels] > 0
        select Math.Abs(values[i] + values[i - channels]);

    private static string Multiplication =>
        $$"""
        x = Placeholder() {dtype=float, shape=(3,6)}
        w = {{Floats("5,6", 1)}}
        v = {{Floats("5,4", 2)}}
        m = MatMul(x, w) {T=float, transpose_a=false, transpose_b=true}
        r = Relu(m) {T=float}
        y = MatMul(r, v) {T=float, transpose_a=false, transpose_b=false}
        """;

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
