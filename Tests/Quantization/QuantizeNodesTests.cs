using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Tests;

public sealed class QuantizeNodesTests
{
    private static QuantizationTest Test(QuantizeNodesOptions? options = null, TransformMode mode = TransformMode.Safe) => new(new QuantizeNodes(), options ?? new()) { Mode = mode };

    /// <summary>One node of every op that has an 8-bit version, on an image or a matrix x.</summary>
    public static TheoryData<string> Ops =>
    [
        "y = Relu(x) {T=float}",
        "y = Relu6(x) {T=float}",
        "y = Add(x, x) {T=float}",
        "y = Mul(x, v) {T=float}\nv = Const() {dtype=float, value=float[2]{0.5, -3}}",
        "y = BiasAdd(x, v) {T=float, data_format=\"NHWC\"}\nv = Const() {dtype=float, value=float[2]{0.5, -3}}",
        "y = MaxPool(x) {T=float, ksize=[1,2,2,1], strides=[1,1,1,1], padding=\"SAME\", data_format=\"NHWC\"}",
        "y = AvgPool(x) {T=float, ksize=[1,2,2,1], strides=[1,1,1,1], padding=\"SAME\", data_format=\"NHWC\"}",
        "y = Conv2D(x, v) {T=float, strides=[1,1,1,1], padding=\"SAME\", data_format=\"NHWC\", dilations=[1,1,1,1]}\nv = Const() {dtype=float, value=float[1,1,2,2]{0.5, -3, 1, 2}}",
        "m = Reshape(x, s) {T=float, Tshape=int32}\ns = Const() {dtype=int32, value=int32[2]{-1, 2}}\ny = MatMul(m, v) {T=float, transpose_a=false, transpose_b=false}\nv = Const() {dtype=float, value=float[2,2]{0.5, -3, 1, 2}}",
        "y = Concat(s, x, x) {T=float, N=2}\ns = Const() {dtype=int32, value=int32[]{3}}",
        "y = ResizeBilinear(x, s) {T=float, align_corners=false}\ns = Const() {dtype=int32, value=int32[2]{3, 3}}",
    ];

    private static readonly float[][] Images =
    [
        [1, -2, 3, 4, 0.5f, 0, -1, 2],
        [0, 0, 0, 0, 0, 0, 0, 0],
        [7, 7, 7, 7, 7, 7, 7, 7],
        [-7, -7, -7, -7, -7, -7, -7, -7],
        [float.NaN, 1, 2, 3, 4, 5, 6, 7],
        [float.NaN, float.NaN, float.NaN, float.NaN, float.NaN, float.NaN, float.NaN, float.NaN],
        [float.PositiveInfinity, 1, 2, 3, 4, 5, 6, 7],
        [float.NegativeInfinity, float.PositiveInfinity, 2, 3, 4, 5, 6, 7],
        [3e38f, -3e38f, 0, 0, 0, 0, 0, 0],
        [1e-40f, 0, 0, 0, 0, 0, 0, 0],
    ];

    [Theory]
    [MemberData(nameof(Ops))]
    public void Whatever_is_fed_the_8_bit_graph_gives_numbers_or_refuses_by_name(string node)
    {
        Graph graph = Test().Run("x = Placeholder() {dtype=float, shape=(1,2,2,2)}\n" + node);
        Assert.Contains(graph.Nodes, made => made.Op.StartsWith("Quantized", StringComparison.Ordinal));
        foreach (float[] image in Images)
        {
            var (numbers, refusal) = QuantizationTest.Outcome(graph, "y", ("x", Tensor.Create<float>(DataType.Float, TensorShape.Of(1, 2, 2, 2), image)));
            bool isFinite = image.All(value => float.IsFinite(value) && MathF.Abs(value) < 10);
            Assert.True(refusal is null || !isFinite, $"{node} refuses {string.Join(' ', image)}");
            Assert.True(refusal is StatusKind.InvalidArgument || numbers is not null);
            Assert.True(!isFinite || numbers!.All(float.IsFinite), node);
        }
    }

    [Theory]
    [MemberData(nameof(Ops))]
    public void An_empty_batch_gives_an_empty_result_or_is_refused_by_name(string node)
    {
        Graph graph = Test().Run("x = Placeholder() {dtype=float, shape=(?,2,2,2)}\n" + node);
        var (numbers, refusal) = QuantizationTest.Outcome(graph, "y", ("x", Tensor.Create<float>(DataType.Float, TensorShape.Of(0, 2, 2, 2), [])));
        Assert.True(refusal is StatusKind.InvalidArgument || numbers is []);
    }

    [Theory]
    [InlineData(1f, -1f)]
    [InlineData(1f, 1f)]
    [InlineData(float.NaN, 1f)]
    [InlineData(0f, float.PositiveInfinity)]
    public void Ranges_in_arguments_must_be_ranges(float min, float max)
    {
        Assert.Equal(StatusKind.InvalidArgument, Test(new() { InputMin = min, InputMax = max }).Fails("x = Placeholder() {dtype=float}").Kind);
        Assert.Equal(StatusKind.InvalidArgument, Test(new() { FallbackMin = min, FallbackMax = max }).Fails("x = Placeholder() {dtype=float}").Kind);
        Test(new() { InputMin = min, InputMax = max, FallbackMin = min, FallbackMax = max }, TransformMode.Verbatim).Run("x = Placeholder() {dtype=float}\ny = Relu(x) {T=float}");
    }

    [Theory]
    [InlineData("1", "-1")]
    [InlineData("nan", "1")]
    [InlineData("0", "0")]
    [InlineData("-inf", "inf")]
    [InlineData("2", "6")]
    public void Fake_quantizations_of_any_range_give_a_graph_that_runs_or_refuses_by_name(string min, string max)
    {
        Graph graph = Test().Run(
            $$"""
            x = Placeholder() {dtype=float, shape=(4)}
            lo = Const() {dtype=float, value=float[] {{{min}}} }
            hi = Const() {dtype=float, value=float[] {{{max}}} }
            y = FakeQuantWithMinMaxVars(x, lo, hi) {num_bits=8, narrow_range=false}
            """);
        var (numbers, refusal) = QuantizationTest.Outcome(graph, "y", ("x", Tensor.Create<float>(DataType.Float, TensorShape.Of(4), [0, 1, float.NaN, -3])));
        Assert.True(refusal is StatusKind.InvalidArgument || numbers!.Length == 4);
    }

    [Fact]
    public void A_tensor_that_is_read_twice_is_quantized_once()
    {
        Graph graph = Test().Run("x = Placeholder() {dtype=float, shape=(2)}\ny = Mul(x, x) {T=float}");
        Assert.Single(graph.Nodes, node => node.Op == "QuantizeV2");
        float[] numbers = QuantizationTest.Compute(graph, "y", ("x", Tensor.Create<float>(DataType.Float, TensorShape.Of(2), [1, -2]))).ToSingles();
        Assert.Equal(1, numbers[0], 0.05f);
        Assert.Equal(4, numbers[1], 0.05f);
    }

    [Theory]
    [InlineData("y = Softmax(x) {T=float}", "y: stays float (result [1,2,2,2]): op Softmax has no 8-bit op here")]
    [InlineData("y = AddV2(x, v) {T=float}\nv = Const() {dtype=float, value=float[2]{0.5, -3}}", "y: stays float (8 bytes of constants, result [1,2,2,2]): op AddV2 has no 8-bit op here; rename_op(old_op_name=AddV2, new_op_name=Add) before it makes it one")]
    [InlineData("y = Relu(d) {T=double}\nd = Placeholder() {dtype=double}", "y: stays float: it computes in double")]
    [InlineData("y = MaxPool(x) {T=float, ksize=[1,1,2,2], strides=[1,1,1,1], padding=\"SAME\", data_format=\"NCHW\"}", "y: stays float (result [1,2,2,2]): its data_format is NCHW; the 8-bit op knows NHWC only")]
    [InlineData("y = Relu(m) {T=float}\nm = RandomUniform(n) {T=int32, dtype=float, seed=0, seed2=0}\nn = Const() {dtype=int32, value=int32[1]{4}}", "y: stays float (result [4]): its input 'm' is random")]
    [InlineData("y = Relu(g) {T=float}\ng = GatherNd(x, w) {Tparams=float, Tindices=int64}\nw = Where(x) {T=float}", "y: stays float: its input 'g' may be empty, which has no range")]
    [InlineData("y = Conv2D(x, f) {T=float, strides=[1,1,1,1], padding=\"VALID\"}\nf = Const() {dtype=float, value=float[1,1,1,2]{0.5, -3}}", "y: stays float (8 bytes of constants, result [1,2,2,2]): it convolves in groups, which the 8-bit ops have not")]
    [InlineData("y = Concat(a, x, x) {T=float, N=2}\na = Const() {dtype=int32, value=int32[]{-1}}", "y: stays float (result [1,2,2,4]): its axis counts from the end, which the 8-bit op does not know")]
    [InlineData("y = Mul(x, c) {T=float}\nc = Const() {dtype=float, value=float[2,1]{1, 2}}", "y: stays float (8 bytes of constants, result [1,2,2,2]): its operands are broadcast in a way that the 8-bit op does not know, as far as their shapes tell")]
    [InlineData("y = Add(x, p) {T=float}\np = Placeholder() {dtype=float, shape=(1,?,2,2)}", "y: stays float (result [1,2,2,2]): ignore_op names its op")]
    [InlineData("y = Mul(x, p) {T=float}\np = Placeholder() {dtype=float, shape=(...)}", "y: stays float: its operands are broadcast in a way that the 8-bit op does not know, as far as their shapes tell")]
    [InlineData("y = Mul(p, c) {T=float}\np = Placeholder() {dtype=float, shape=(2,?,2)}\nc = Const() {dtype=float, value=float[2,1,2]{1, 2, 3, 4}}", "y: stays float (16 bytes of constants, result [2,?,2]): its operands are broadcast in a way that the 8-bit op does not know, as far as their shapes tell")]
    [InlineData("y = Add(x, x) {T=float}", "y: stays float (result [1,2,2,2]): ignore_op names its op")]
    public void Every_node_that_stays_float_is_told_with_its_size_and_the_reason(string node, string explanation)
    {
        var test = Test(new() { IgnoreOp = ["Add"] });
        Graph result = test.Run("x = Placeholder() {dtype=float, shape=(1,2,2,2)}\n" + node);
        Assert.DoesNotContain(result.Nodes, made => made.Op.StartsWith("Quantized", StringComparison.Ordinal));
        Assert.Equal(explanation, Assert.Single(test.Explanations, line => line.StartsWith("y:", StringComparison.Ordinal)));
    }

    [Fact]
    public void Integers_and_conversions_are_not_told()
    {
        var test = Test();
        test.Run("x = Placeholder() {dtype=float, shape=(4)}\ns = Shape(x) {T=float, out_type=int32}\nq = QuantizeV2(x, l, h) {T=quint8}\nl = Const() {dtype=float, value=float[]{0}}\nh = Const() {dtype=float, value=float[]{1}}\ny = Dequantize(q, q:1, q:2) {T=quint8}");
        Assert.Empty(test.Explanations);
    }

    [Fact]
    public void Float_weights_that_get_one_range_here_are_warned_of_too()
    {
        var test = Test();
        test.Run("x = Placeholder() {dtype=float, shape=(1,2)}\nw = Const() {dtype=float, value=float[2,4]{0.01, 0.01, 0.01, 1, 0.01, 0.01, 0.01, 1}}\ny = MatMul(x, w) {T=float, transpose_a=false, transpose_b=false}");
        Assert.Equal(("TFX2042", "w"), (Assert.Single(test.Context.Diagnostics).Id, test.Context.Diagnostics[0].Node));
    }

    [Theory]
    [InlineData("y = Relu(s) {T=float}", -3f, -4f, -7f)]
    [InlineData("y = Relu6(s) {T=float}", -3f, -4f, -7f)]
    [InlineData("y = Mul(s, s) {T=float}", -3f, -4f, -7f)]
    [InlineData("y = Relu(s) {T=float}", -5f, 0f, -5f)]
    [InlineData("y = Relu(s) {T=float}", 0f, 0f, 0f)]
    [InlineData("y = Relu(s) {T=float}", 2f, 3f, 5f)]
    [InlineData("y = Identity(s) {T=float}", -3f, -4f, -7f)]
    public void Sums_of_one_value_or_all_negative_are_computed_as_in_float(string node, float first, float second, float sum)
    {
        Graph graph = Test().Run($"a = Placeholder() {{dtype=float, shape=(3)}}\nb = Placeholder() {{dtype=float, shape=(3)}}\ns = Add(a, b) {{T=float}}\n{node}");
        float[] numbers = QuantizationTest.Compute(graph, "y", ("a", Vector(first)), ("b", Vector(second))).ToSingles();
        float expected = node.Split('(')[0] switch { "y = Relu" => Math.Max(sum, 0), "y = Relu6" => Math.Clamp(sum, 0, 6), "y = Mul" => sum * sum, _ => sum };
        Assert.All(numbers, number => Assert.Equal(expected, number, 0.05f * Math.Max(1, Math.Abs(expected))));

        static Tensor Vector(float value) => Tensor.Create<float>(DataType.Float, TensorShape.Of(3), [value, value, value]);
    }

    [Fact]
    public void Verbatim_the_upper_end_of_a_range_is_taken_as_it_is()
    {
        const string Sum = "a = Placeholder() {dtype=float, shape=(3)}\nb = Placeholder() {dtype=float, shape=(3)}\ny = Add(a, b) {T=float}";
        Assert.DoesNotContain(Test(mode: TransformMode.Verbatim).Run(Sum).Nodes, node => node.Op == "Maximum");
        Assert.Contains(Test().Run(Sum).Nodes, node => node.Op == "Maximum");
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData(-1f, 1f)]
    public void What_a_loop_reads_lies_within_it(float? min, float? max)
    {
        Graph result = Test(new() { FallbackMin = min, FallbackMax = max }).Run(
            """
            x = Placeholder() {dtype=float, shape=(2)}
            e = Enter(x) {T=float, frame_name="loop"}
            m = Mul(e, e) {T=float}
            y = Exit(m) {T=float}
            """);
        Assert.Contains(result.Nodes, node => node.Op == "QuantizedMul");
        LoopFrames.Of(result, out var mixed);
        Assert.Empty(mixed);
    }

    [Fact]
    public void A_dequantized_tensor_that_is_an_output_stays_however_its_port_is_written()
    {
        Graph after = new QuantizationTest(new QuantizeNodes(), new QuantizeNodesOptions()) { Mode = TransformMode.Verbatim, Outputs = ["y", "d:0"] }.Run(
            """
            c = Placeholder() {dtype=quint8, shape=(2)}
            low = Const() {dtype=float, value=float{-1}}
            high = Const() {dtype=float, value=float{1}}
            axes = Const() {dtype=int32, value=int32[1]{0}}
            z = Placeholder() {dtype=float, shape=(2)}
            d = Dequantize(c, low, high) {T=quint8, mode="MIN_FIRST"}
            m = Min(z, axes) {T=float, Tidx=int32, keep_dims=false}
            n = Max(z, axes) {T=float, Tidx=int32, keep_dims=false}
            q = QuantizeV2(d, m, n) {T=quint8, mode="MIN_FIRST"}
            y = Dequantize(q, q:1, q:2) {T=quint8, mode="MIN_FIRST"}
            """);
        Assert.NotNull(after.Find("d"));
    }
}
