using TransformFramework.Graphs;

namespace TransformFramework.Quantization.Tests;

public sealed class DynamicQuantizationTests
{
    private static readonly Quantize.Options Dynamic = new() { Dynamic = true };

    private static readonly string Loop =
        $$"""
        x = Placeholder() {dtype=float, shape=(2,40)}
        zero = Const() {dtype=int32, value=int32[]{0} }
        w = {{CalibratedTest.Floats("40,40", 1, 0.15f)}}
        loop = StatelessWhile(zero, x, w) {T=[int32,float,float], cond=@below, body=@step, output_shapes=[(),(2,40),(40,40)]}
        y = Identity(loop:1) {T=float}
        function below {
          input i {type=int32}
          input h {type=float}
          input w {type=float}
          output z {type=bool}
          five = Const() {dtype=int32, value=int32[]{5} }
          less = Less(i, five:output:0) {T=int32}
          return z = less:z:0
        }
        function step {
          input i {type=int32}
          input h {type=float}
          input w {type=float}
          output i_next {type=int32}
          output h_next {type=float}
          output w_next {type=float}
          one = Const() {dtype=int32, value=int32[]{1} }
          sum = AddV2(i, one:output:0) {T=int32}
          m = MatMul(h, w) {T=float}
          t = Tanh(m:product:0) {T=float}
          return i_next = sum:z:0
          return h_next = t:y:0
          return w_next = w
        }
        """;

    public static TheoryData<string> Products => new()
    {
        $"x = Placeholder() {{dtype=float, shape=(3,40)}}\nw = {CalibratedTest.Floats("40,30", 1)}\ny = MatMul(x, w) {{T=float}}",
        $"x = Placeholder() {{dtype=float, shape=(?,40)}}\nw = {CalibratedTest.Floats("30,40", 1)}\ny = MatMul(x, w) {{T=float, transpose_b=true}}",
        $"x = Placeholder() {{dtype=float, shape=(?,5,40)}}\nw = {CalibratedTest.Floats("40,30", 1)}\ny = BatchMatMulV2(x, w) {{T=float}}",
        $"x = Placeholder() {{dtype=float, shape=(?,5,40)}}\nw = {CalibratedTest.Floats("30,40", 1)}\ny = BatchMatMulV2(x, w) {{T=float, adj_y=true}}",
        $"x = Placeholder() {{dtype=float, shape=(?,5,40)}}\nw = {CalibratedTest.Floats("40,5,6", 1)}\ny = Einsum(x, w) {{T=float, N=2, equation=\"abc,cde->abde\"}}",
        $"x = Placeholder() {{dtype=float, shape=(?,5,4,10)}}\nw = {CalibratedTest.Floats("4,10,30", 1)}\ny = Einsum(x, w) {{T=float, N=2, equation=\"abcd,cde->abe\"}}",
    };

    [Theory]
    [MemberData(nameof(Products))]
    public void A_product_reads_8_bits_of_both(string graph)
    {
        var test = new CalibratedTest(graph, Dynamic);
        Assert.Contains("UniformQuantizedDotHybrid", test.Ops);
        Assert.DoesNotContain(test.After.Nodes, node => node.Op is "MatMul" or "BatchMatMulV2" or "Einsum" || node.TensorAttribute("value") is { Type: DataType.Float, ElementCount: > 256 });
        Assert.InRange(test.Sqnr(), 35, 60);
        Assert.Equal("tf2.12", test.Test.Context.WrittenFor);
    }

    [Fact]
    public void A_product_in_a_loop_has_its_weights_in_the_body()
    {
        var test = new CalibratedTest(Loop, Dynamic);
        FunctionDefinition body = test.After.Functions.Find("step")!;
        Assert.Contains(body.Nodes, node => node.Op == "UniformQuantizedDotHybrid");
        Assert.DoesNotContain(test.After.Nodes, node => node.Name == "w");
        Assert.Equal(TensorShape.Scalar, ((ShapeValue)((ListValue)test.After.Find("loop")!.Attributes["output_shapes"]).Items[2]).Value);
        Assert.InRange(test.Sqnr(), 30, 60);
    }

    [Fact]
    public void A_loop_is_left_alone_by_its_name() =>
        Assert.Equal(GraphText.Print(GraphText.Parse(Loop)), GraphText.Print(new CalibratedTest(Loop, Dynamic with { Exclude = ["loop"] }).After));

    [Theory]
    [InlineData("x = Placeholder() {dtype=float, shape=(20,20)}", "MatMul(x, x) {T=float}", "not constant")]
    [InlineData("x = Placeholder() {dtype=float, shape=(20,3)}", "MatMul(x, w) {T=float, transpose_a=true}", "does not sum over the last dimensions")]
    [InlineData("x = Placeholder() {dtype=float, shape=(3,20)}", "Einsum(x, w) {T=float, N=2, equation=\"ab,cb->ac\"}", "does not sum over the last dimensions")]
    [InlineData("x = Placeholder() {dtype=float, shape=(20,20)}", "Einsum(x, w) {T=float, N=2, equation=\"ab,ab->ab\"}", "does not sum over the last dimensions")]
    [InlineData("x = Placeholder() {dtype=float, shape=(3,4)}", "MatMul(x, few) {T=float}", "only 20")]
    public void A_product_that_stays_float_says_why(string data, string product, string reason)
    {
        string graph = $"{data}\nw = {CalibratedTest.Floats("20,20", 1)}\nfew = {CalibratedTest.Floats("4,5", 1)}\ny = {product}";
        var test = new QuantizationTest(new Quantize(), Dynamic);
        test.Run(graph);
        Assert.Contains(test.Explanations, explanation => explanation.StartsWith("y: ", StringComparison.Ordinal) && explanation.Contains(reason, StringComparison.Ordinal));
    }

    [Fact]
    public void Weights_are_quantized_in_one_way_only() =>
        Assert.Contains("exclude each other", new QuantizationTest(new Quantize(), Dynamic with { WeightsOnly = true }).Fails(Loop).Message, StringComparison.Ordinal);
}
