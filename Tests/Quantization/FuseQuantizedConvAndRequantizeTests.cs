using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Tests;

public sealed class FuseQuantizedConvAndRequantizeTests
{
    private const string Attributes = "{Tinput=quint8, Tfilter=qint8, out_type=qint32, strides=[1,1,1,1], padding=\"VALID\"}";

    private const string Operands =
        """
        x = Placeholder() {dtype=quint8, shape=(1,2,2,2)}
        x0 = Const() {dtype=float, value=float[]{0}}
        x1 = Const() {dtype=float, value=float[]{4}}
        w = Const() {dtype=qint8, value=qint8[1,1,2,2]{127, -64, 3, 90}}
        w0 = Const() {dtype=float, value=float[]{-0.5}}
        w1 = Const() {dtype=float, value=float[]{0.5}}
        b = Const() {dtype=float, value=float[2]{0.25, -0.75}}
        zero = Const() {dtype=float, value=float[]{0}}
        two = Const() {dtype=float, value=float[]{2}}
        minus = Const() {dtype=float, value=float[]{-2}}
        """;

    private static readonly Tensor Image = Tensor.Create<byte>(DataType.QUInt8, TensorShape.Of(1, 2, 2, 2), [0, 255, 17, 90, 128, 127, 200, 3]);

    private static QuantizationTest Test => new(new FuseQuantizedConvAndRequantize());

    private static string Layer(string op, string inputs, string name, string min, string type, string max = "two") =>
        $"{name}c = {op}({inputs}) {Attributes}\n{name} = Requantize({name}c, {name}c:1, {name}c:2, {min}, {max}) {{Tinput=qint32, out_type={type}}}\n";

    [Theory]
    [InlineData("QuantizedConv2DWithBias", "x, w, b, x0, x1, w0, w1", "minus", "qint8")]
    [InlineData("QuantizedConv2DWithBiasAndRelu", "x, w, b, x0, x1, w0, w1", "zero", "quint8")]
    [InlineData("QuantizedConv2DAndRelu", "x, w, x0, x1, w0, w1", "zero", "quint8")]
    public void The_joined_op_gives_the_same_quantized_values_but_for_one(string op, string inputs, string min, string type)
    {
        Graph before = GraphText.Parse($"{Operands}\n{Layer(op, inputs, "y", min, type)}");
        Graph after = Test.Run(before);
        Assert.Equal(op + "AndRequantize", after.Find("y")!.Op);
        Assert.Null(after.Find("yc"));
        float[] expected = QuantizationTest.Compute(before, "y", ("x", Image)).ToSingles();
        float[] actual = QuantizationTest.Compute(after, "y", ("x", Image)).ToSingles();
        Assert.True(expected.Distinct().Count() > 3);
        Assert.All(expected.Zip(actual), pair => Assert.InRange(pair.Second, pair.First - 1, pair.First + 1));
    }

    [Fact]
    public void A_residual_is_read_as_quantized_values_and_a_bias_behind_a_fused_convolution_becomes_integers()
    {
        string graph = Operands + "\nb2 = Const() {dtype=float, value=float[2]{1, -1}}\nb3 = Const() {dtype=float, value=float[2]{0.5, 0}}\n"
            + Layer("QuantizedConv2DWithBiasAndRelu", "x, w, b, x0, x1, w0, w1", "a", "zero", "quint8")
            + "d = Dequantize(a, a:1, a:2) {T=quint8, mode=\"SCALED\"}\n"
            + Layer("QuantizedConv2DWithBiasAndRelu", "a, w, b2, a:1, a:2, w0, w1", "m", "zero", "quint8")
            + Layer("QuantizedConv2DWithBiasSumAndRelu", "m, w, b3, m:1, m:2, w0, w1, d", "y", "zero", "quint8");
        Graph before = GraphText.Parse(graph);
        Graph after = Test.Run(before);
        Node sum = after.Find("y")!;
        Assert.Equal("QuantizedConv2DWithBiasSumAndReluAndRequantize", sum.Op);
        Assert.Equal(["m", "w", "b3", "m:1", "m:2", "w0", "w1", "zero", "two", "a", "a:1", "a:2"], sum.Inputs.Select(input => input.Text));
        Assert.Equal(DataType.QUInt8, sum.TypeAttribute("Tsummand"));
        Assert.Equal([DataType.Float, DataType.QInt32, DataType.QInt32], new[] { "a", "m", "y" }.Select(name => after.Find(name)!.TypeAttribute("Tbias")!.Value));
        Assert.Equal([32385, -32385], after.Find("b2")!.TensorAttribute("value")!.AsSpan<int>().ToArray());
        Assert.Equal([16192, 0], after.Find("b3")!.TensorAttribute("value")!.AsSpan<int>().ToArray());
        float[] expected = QuantizationTest.Compute(before, "y", ("x", Image)).ToSingles();
        float[] actual = QuantizationTest.Compute(after, "y", ("x", Image)).ToSingles();
        Assert.All(expected.Zip(actual), pair => Assert.InRange(pair.Second, pair.First - 2, pair.First + 2));
    }

    [Fact]
    public void A_residual_without_Relu_is_signed()
    {
        string graph = Operands + "\n" + Layer("QuantizedConv2DWithBias", "x, w, b, x0, x1, w0, w1", "a", "minus", "qint8")
            + "d = Dequantize(a, a:1, a:2) {T=qint8, mode=\"SCALED\"}\n" + Layer("QuantizedConv2DWithBiasSumAndRelu", "x, w, b, x0, x1, w0, w1, d", "y", "zero", "quint8");
        Node sum = Test.Run(graph).Find("y")!;
        Assert.Equal(("QuantizedConv2DWithBiasSignedSumAndReluAndRequantize", DataType.QInt8), (sum.Op, sum.TypeAttribute("Tsummand")));
    }

    [Theory]
    [InlineData("QuantizedConv2DWithBiasAndRelu", "minus", "quint8", "", "y: its range -2 to 2 has a zero point, which the fused op has not")]
    [InlineData("QuantizedConv2DWithBias", "zero", "qint8", "", "y: its range 0 to 2 has a zero point, which the fused op has not")]
    [InlineData("QuantizedConv2DWithBias", "minus", "quint8", "", "y: the fused op gives qint8, its readers want another type")]
    [InlineData("QuantizedConv2DWithBiasAndRelu", "zero", "quint8", "z = Identity(yc) {T=qint32}", "y: it is not joined with 'yc', which is read elsewhere too")]
    public void What_the_joined_op_does_not_compute_stays(string op, string min, string type, string more, string explanation)
    {
        string graph = $"{Operands}\n{Layer(op, "x, w, b, x0, x1, w0, w1", "y", min, type)}{more}";
        var test = Test;
        CheckUnchanged(test, graph);
        Assert.Contains(explanation, test.Explanations);
    }

    [Theory]
    [InlineData("nan")]
    [InlineData("inf")]
    [InlineData("0")]
    [InlineData("-1")]
    public void A_range_that_is_none_stays(string max)
    {
        string graph = $"{Operands}\ntop = Const() {{dtype=float, value=float[]{{{max}}}}}\n{Layer("QuantizedConv2DWithBiasAndRelu", "x, w, b, x0, x1, w0, w1", "y", "zero", "quint8", "top")}";
        CheckUnchanged(Test, graph);
    }

    [Fact]
    public void Verbatim_joins_whatever_the_range()
    {
        string graph = $"{Operands}\n{Layer("QuantizedConv2DWithBiasAndRelu", "x, w, b, x0, x1, w0, w1", "y", "minus", "quint8")}";
        var test = new QuantizationTest(new FuseQuantizedConvAndRequantize()) { Mode = TransformMode.Verbatim };
        Assert.Equal("QuantizedConv2DWithBiasAndReluAndRequantize", test.Run(graph).Find("y")!.Op);
        string behind = graph + "p = Placeholder() {dtype=float, shape=(2)}\nfour = Const() {dtype=float, value=float[]{4}}\n" + Layer("QuantizedConv2DWithBiasAndRelu", "y, w, p, y:1, y:2, w0, w1", "v", "zero", "quint8", "four");
        Assert.Equal(StatusKind.Aborted, test.Fails(behind).Kind);
    }

    private static void CheckUnchanged(QuantizationTest test, string graph) =>
        Assert.Equal(GraphText.Parse(graph).Nodes.Select(node => node.ToString()).Order(StringComparer.Ordinal), test.Run(graph).Nodes.Select(node => node.ToString()).Order(StringComparer.Ordinal));
}
