using System.Globalization;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Tests;

public sealed class QuantizeWeightsTests
{
    private static QuantizationTest Test(TransformMode mode = TransformMode.Safe) => new(new QuantizeWeights(), new QuantizeWeights.Options { MinimumSize = 0 }) { Mode = mode };

    private static string Weights(params float[] values) =>
        $"y = Const() {{dtype=float, value=float[{values.Length}]{{{string.Join(", ", values.Select(value => value.ToString("R", CultureInfo.InvariantCulture).Replace("Infinity", "inf", StringComparison.Ordinal)))}}}}}";

    public static TheoryData<float[]> Weighted => new()
    {
        new float[] { 1, 2, 3, 4, .1f, .2f, .3f, .4f }, new float[] { -1, -4, -2, -5, 0 }, new float[] { 3, 3, 3 }, new float[] { -3, -3 }, new float[] { 0, 0, 0 }, new float[] { 7 },
        new float[] { 1e-40f, 0 }, new float[] { -1e-40f, 1e-40f }, new float[] { 1e38f, -2e38f, 5 }, new float[] { 1e-30f, -1e-30f },
    };

    /// <summary>Half a step is rounding; zero is moved onto a quantized value, by half a step more; where that is a tie, the two directions may round it differently.</summary>
    [Theory]
    [MemberData(nameof(Weighted))]
    public void Every_weight_comes_back_within_a_step_and_a_half(float[] weights)
    {
        Graph result = Test().Run(Weights(weights));
        Assert.Equal("Dequantize", result.Find("y")!.Op);
        float step = (Math.Max(weights.Max(), 0) - Math.Min(weights.Min(), 0)) / 255;
        Assert.All(QuantizationTest.Compute(result, "y").ToSingles().Zip(weights), pair => Assert.InRange(pair.First - pair.Second, (-1.5001f * step) - 1e-38f, (1.5001f * step) + 1e-38f));
    }

    [Theory]
    [InlineData("nan, 1", "it holds NaN or infinite elements")]
    [InlineData("nan, nan", "it holds NaN or infinite elements")]
    [InlineData("inf, 1", "it holds NaN or infinite elements")]
    [InlineData("-inf, inf", "it holds NaN or infinite elements")]
    [InlineData("3e38, -3e38", "its range is wider than the largest float")]
    public void Weights_without_a_range_stay_and_are_told(string values, string reason)
    {
        string graph = $"y = Const() {{dtype=float, value=float[2]{{{values}}}}}";
        var test = Test();
        test.Check(graph, graph);
        Assert.Equal("TFX2040", Assert.Single(test.Context.Diagnostics).Id);
        Assert.Contains(reason, Assert.Single(test.Explanations), StringComparison.Ordinal);
        Test(TransformMode.Verbatim).Run(graph);
    }

    [Theory]
    [InlineData("float[0] values{}")]
    [InlineData("float[3,0] values{}")]
    public void Empty_weights_stay(string value)
    {
        string graph = $"y = Const() {{dtype=float, value={value}}}";
        Test().Check(graph, graph);
        Test(TransformMode.Verbatim).Run(graph);
    }

    [Fact]
    public void Control_inputs_are_kept()
    {
        Graph result = Test().Run("i = NoOp()\ny = Const(^i) {dtype=float, value=float[2]{1, 2}}");
        Assert.All(["y_quantized_const", "y_quantized_min", "y_quantized_max"], name => Assert.Equal("^i", Assert.Single(result.Find(name)!.Inputs).Text));
    }

    [Fact]
    public void A_constant_whose_new_names_are_taken_stays()
    {
        string graph = "y = Const() {dtype=float, value=float[2]{1, 2}}\ny_quantized_max = NoOp()";
        Test().Check(graph, graph);
    }

    [Fact]
    public void A_small_constant_stays_and_is_told_with_its_size()
    {
        var test = new QuantizationTest(new QuantizeWeights(), new QuantizeWeights.Options());
        test.Run("y = Const() {dtype=float, value=float[3]{1, 2, 3}}\nn = Const() {dtype=int32, value=int32[3]{1, 2, 3}}");
        Assert.Equal("y: stays float (12 bytes): it has 3 elements, fewer than minimum_size=1024", Assert.Single(test.Explanations));
    }

    /// <summary>Numbers that fill vectors and some more, against the original's formula one by one.</summary>
    [Theory]
    [InlineData(1, 1f)]
    [InlineData(31, 0.01f)]
    [InlineData(32, 100f)]
    [InlineData(103, 1e-30f)]
    [InlineData(4099, 3f)]
    public void Each_number_is_quantized_as_the_original_does(int count, float magnitude)
    {
        var random = new Random(count);
        float[] values = [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() - 0.4f) * magnitude)];
        float[] odd = [float.NaN, -0f, 1e-42f, 0.5f * magnitude, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, -float.MaxValue];
        for (int i = 0; i <= odd.Length; i++)
        {
            float[] some = [.. values];
            if (i < odd.Length)
                some[count / 2] = odd[i];
            Graph result = Test(TransformMode.Verbatim).Run(new Graph([Node.Constant("y", Tensor.Create<float>(DataType.Float, TensorShape.Of(count), some))]));
            float min = result.Find("y_quantized_min")!.TensorAttribute("value")!.ToSingles()[0];
            float max = result.Find("y_quantized_max")!.TensorAttribute("value")!.ToSingles()[0];
            double scale = 256 / ((double)(max - min) * (256.0 / 255));
            byte[] expected = [.. some.Select(value => (byte)Math.Clamp((long)(Round(value * scale) - Round(min * scale)), 0, 255))];
            Assert.Equal(expected, result.Find("y_quantized_const")!.TensorAttribute("value")!.AsSpan<byte>().ToArray());
        }

        static double Round(double value) => Math.Truncate(value + Math.CopySign(0.49999999999999994, value));
    }

    /// <summary>Channels whose largest weight is the first number, but for some of which it is the second.</summary>
    [Theory]
    [InlineData("MatMul(x, w) {T=float}", "8,4", "0.01, 0.01, 0.01, 1", "3 of 4 channels")]
    [InlineData("MatMul(x, i) {T=float}\ni = Identity(w) {T=float}", "8,4", "0.01, 0.01, 0.01, 1", "3 of 4 channels")]
    [InlineData("MatMul(x, w) {T=float}", "4,2", "0.01, -0.01, 0.01, 0, -0.005, 0.01, -1, 1", "3 of 4 channels")]
    [InlineData("DepthwiseConv2dNative(x, w) {T=float}", "2,2,2,2", "0.01, 0.01, 0.01, 1", "3 of 4 channels")]
    [InlineData("MatMul(x, w) {T=float}", "8,4", "0.01, 0.01, 1, 1", null)]
    [InlineData("MatMul(x, w) {T=float}", "8,4", "0.04, 0.04, 0.04, 1", null)]
    [InlineData("MatMul(x, w) {T=float}", "8,4", "0, 0, 0, 1", null)]
    [InlineData("MatMul(x, w) {T=float}", "8,4", "1e-30, -1e-30, 1e-20, 1", null)]
    [InlineData("Mul(x, w) {T=float}", "8,4", "0.01, 0.01, 0.01, 1", null)]
    public void Weights_whose_channels_differ_too_much_in_range_are_warned_of(string reader, string shape, string channels, string? part)
    {
        int elements = shape.Split(',').Aggregate(1, (product, dimension) => product * int.Parse(dimension, CultureInfo.InvariantCulture));
        string values = string.Join(", ", Enumerable.Repeat(channels, elements / channels.Split(',').Length));
        var test = Test();
        test.Run($"x = Placeholder() {{dtype=float}}\nw = Const() {{dtype=float, value=float[{shape}]{{{values}}}}}\ny = {reader}");
        if (part is null)
        {
            Assert.Empty(test.Context.Diagnostics);
            return;
        }
        var warning = Assert.Single(test.Context.Diagnostics);
        Assert.Equal(("TFX2042", "w"), (warning.Id, warning.Node));
        Assert.Contains($"'w' ({part} keep fewer than 4 levels, the largest has 100 times", warning.Message, StringComparison.Ordinal);
    }
}
