using TransformFramework.Cpu;
using TransformFramework.Graphs;
using TransformFramework.Transforms;
using static TransformFramework.Quantization.Tests.CalibratedTest;
using static TransformFramework.Quantization.Tests.QuantizeGraphs;

namespace TransformFramework.Quantization.Tests;

/// <summary>The arguments of <c>quantize</c>: what is selected, for which target, and how weights may saturate.</summary>
public sealed class QuantizeChoicesTests
{
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

    [Theory]
    [InlineData("re:(", "is not a regular expression")]
    [InlineData("re:(?=f)first", "not matched in linear time")]
    public void An_expression_that_cannot_be_matched_is_named(string pattern, string message) =>
        Assert.Contains(message, new QuantizationTest(new Quantize(), new Quantize.Options { Exclude = [pattern] }).Fails(Chain).Message, StringComparison.Ordinal);

    [Fact]
    public void A_file_of_something_else_is_named() =>
        Assert.Contains("'nothing' is not a file of ranges", new QuantizationTest(new Quantize(), new Quantize.Options { Ranges = "nothing" }) { File = "abc" }.Fails(Chain).Message, StringComparison.Ordinal);

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
    [InlineData("portable", "3,3,4,8", 0)]
    [InlineData("tensorflow", "3,3,4,8", 2)]
    [InlineData("onnx", "3,3,2,12", 4)]
    [InlineData("tflite", "3,3,4,8", 2)]
    [InlineData("tensorflow", "3,3,1,16", 1)]
    public void A_convolution_in_groups_becomes_a_layer_for_each_group_where_integer_ops_have_no_groups(string target, string filter, int layers)
    {
        string outputs = filter[(filter.LastIndexOf(',') + 1)..];
        string graph = $$"""
            x = Placeholder() {dtype=float, shape=(1,6,6,8)}
            v = {{Floats("1,1,8,8", 3, 0.5f)}}
            w = {{Floats(filter, 1, 0.3f)}}
            bias = {{Floats(outputs, 2)}}
            before = Conv2D(x, v) {T=float, {{Window}}}
            data = Relu(before) {T=float}
            c = Conv2D(data, w) {T=float, {{Window}}}
            b = BiasAdd(c, bias) {T=float}
            a = Relu6(b) {T=float}
            u = {{Floats($"1,1,{outputs},4", 4, 0.5f)}}
            y = Conv2D(a, u) {T=float, {{Window}}}
            """;
        var test = new CalibratedTest(graph, new Quantize.Options { Target = target });
        Assert.Equal(target == "portable" ? 3 : 0, test.After.Nodes.Count(node => node.Op is "Conv2D" or "DepthwiseConv2dNative"));
        Assert.Equal(layers == 0 ? 0 : layers + 2, test.Ops.Count(op => op.StartsWith("Quantized", StringComparison.Ordinal)));
        double portable = new CalibratedTest(graph, new Quantize.Options { Target = "portable" }).Sqnr();
        Assert.InRange(test.Sqnr(), portable - (target == "tflite" ? 6 : 1.5), portable + 1.5);
    }

    [Fact]
    public void A_convolution_in_too_many_groups_stays_float()
    {
        var test = new CalibratedTest(
            $$"""
            x = Placeholder() {dtype=float, shape=(1,2,2,130)}
            w = {{Floats("1,1,2,65", 1, 0.3f)}}
            y = Conv2D(x, w) {T=float, {{Window}}}
            """);
        Assert.Equal("Conv2D", test.After.Find("y")!.Op);
        Assert.Contains(test.Test.Context.Diagnostics, diagnostic => diagnostic.Message.Contains("more than 64 groups", StringComparison.Ordinal));
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
        Assert.Contains(message, Assert.Throws<TransformException>(() => new Quantize.Options { Target = target, Saturation = saturation }).Message, StringComparison.Ordinal);

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
}
