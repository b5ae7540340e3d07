using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Transforms;
using static TransformFramework.Folding.Tests.FoldingTest;

namespace TransformFramework.Folding.Tests;

public sealed class FoldBatchNormsTests
{
    private const string Attributes = "{T=float, strides=[1,1,1,1], padding=\"SAME\", data_format=\"NHWC\", dilations=[1,1,1,1]}";

    private static readonly string Convolution = $"x = Placeholder() {{dtype=float, shape=(2,5,5,3)}}\nw = {Floats("3,3,3,4", 1)}\nc = Conv2D(x, w) {Attributes}\n";
    private static readonly string Factor = $"k = {Floats("4", 2)}\n";
    private static readonly string Scaled = Convolution + Factor + "y = Mul(c, k) {T=float}\n";

    public static TheoryData<string, string, string[]> Declining() => new()
    {
        { "'c' is read elsewhere", Convolution + Factor + "m = Mul(c, k) {T=float}\ny = Add(m, c) {T=float}", ["y"] },
        { "'c' is read elsewhere", Convolution + Factor + "m = Mul(c, k) {T=float}\ny = Relu(m, ^c) {T=float}", ["y"] },
        { "'w' is read elsewhere", Convolution + Factor + "m = Mul(c, k) {T=float}\ns = Sum(w, z) {T=float, Tidx=int32, keep_dims=false}\nz = Const() {dtype=int32, value=int32[4]{0, 1, 2, 3}}\ny = Add(m, s) {T=float}", ["y"] },
        { "'k' is read elsewhere", Convolution + Factor + "m = Mul(c, k) {T=float}\ny = Add(m, k) {T=float}", ["y"] },
        { "'c' is itself an output", Convolution + Factor + "m = Mul(c, k) {T=float}\ny = Relu(m) {T=float}", ["y", "c:0"] },
        { "the factor has shape [], the weights have 4 columns", Convolution + "k = Const() {dtype=float, value=float[]{2}}\nm = Mul(c, k) {T=float}\ny = Relu(m) {T=float}", ["y"] },
        { "the factor has shape [1,1,1,4]", Convolution + $"k = {Floats("1,1,1,4", 2)}\nm = Mul(c, k) {{T=float}}\ny = Relu(m) {{T=float}}", ["y"] },
        { "the weights are transposed", $"x = Placeholder() {{dtype=float, shape=(2,4)}}\nw = {Floats("4,4", 1)}\nc = MatMul(x, w) {{T=float, transpose_a=false, transpose_b=true}}\n{Factor}m = Mul(c, k) {{T=float}}\ny = Relu(m) {{T=float}}", ["y"] },
        { "the weights are also the input", $"w = {Floats("4,4", 1)}\nc = MatMul(w, w) {{T=float, transpose_a=false, transpose_b=false}}\n{Factor}m = Mul(c, k) {{T=float}}\ny = Relu(m) {{T=float}}", ["y"] },
        { "not one per channel", $"x = Placeholder() {{dtype=float, shape=(2,3,5,4)}}\nw = {Floats("3,3,3,4", 1)}\nc = Conv2D(x, w) {{T=float, strides=[1,1,1,1], padding=\"SAME\", data_format=\"NCHW\", dilations=[1,1,1,1]}}\n{Factor}m = Mul(c, k) {{T=float}}\ny = Relu(m) {{T=float}}", ["y"] },
    };

    [Fact]
    public void The_weights_take_the_factor_and_the_convolution_the_name() => new FoldingTest(new FoldBatchNorms()).Check(
        """
        x = Placeholder()
        w = Const() {dtype=float, value=float[1,1,2,2]{1, 2, 3, 4}}
        c = Conv2D(x, w) {T=float}
        k = Const() {dtype=float, value=float[2]{10, 0.5}}
        y = Mul(c, k) {T=float}
        z = Relu(y)
        """,
        """
        w = Const() {dtype=float, value=float[1,1,2,2]{10, 1, 30, 2}}
        x = Placeholder()
        y = Conv2D(x, w) {T=float}
        z = Relu(y)
        """);

    [Theory]
    [InlineData("Conv2D", "2,5,5,3", "3,3,3,4", "4", Attributes)]
    [InlineData("DepthwiseConv2dNative", "2,5,5,3", "3,3,3,2", "6", Attributes)]
    [InlineData("MatMul", "2,3", "3,4", "4", "{T=float, transpose_a=false, transpose_b=false}")]
    public void The_outputs_stay(string op, string input, string weights, string factor, string attributes)
    {
        Graph folded = new FoldingTest(new FoldBatchNorms()).CheckSameOutputs($"x = Placeholder() {{dtype=float, shape=({input})}}\nw = {Floats(weights, 1)}\nc = {op}(x, w) {attributes}\nk = {Floats(factor, 2)}\ny = Mul(c, k) {{T=float}}");
        Assert.Equal(["w", "x", "y"], folded.Nodes.Select(node => node.Name));
    }

    [Theory]
    [MemberData(nameof(Declining))]
    public void Declines_what_would_change_an_output(string reason, string graph, string[] outputs) =>
        new FoldingTest(new FoldBatchNorms()) { Outputs = [.. outputs] }.CheckDeclined(graph, "m", reason);

    [Theory]
    [InlineData("y = Mul(k, c) {T=float}")]
    [InlineData("y = Mul(c, c) {T=float}")]
    [InlineData("y = Add(c, k) {T=float}")]
    public void Other_products_are_no_match(string last)
    {
        var test = new FoldingTest(new FoldBatchNorms());
        test.Check(Convolution + Factor + last, Convolution + Factor + last);
        Assert.Empty(test.Explanations);
    }

    [Theory]
    [InlineData(TransformMode.Safe, "x, w, ^a, ^x")]
    [InlineData(TransformMode.Verbatim, "x, w, ^a")]
    public void The_control_inputs_of_the_product_are_kept_unless_verbatim(TransformMode mode, string inputs)
    {
        Graph folded = new FoldingTest(new FoldBatchNorms()) { Mode = mode }.Run(GraphText.Parse($"a = NoOp()\n{Convolution.Replace("w)", "w, ^a)", StringComparison.Ordinal)}{Factor}y = Mul(c, k, ^x, ^a) {{T=float}}"));
        Assert.Equal(inputs, string.Join(", ", folded.Find("y")!.Inputs.Select(input => input.Text)));
    }

    [Fact]
    public void Of_branches_of_one_input_a_run_folds_the_first()
    {
        var test = new FoldingTest(new FoldBatchNorms());
        Graph once = test.CheckSameOutputs(Scaled.Replace("y =", "m =", StringComparison.Ordinal) + $"v = {Floats("3,3,3,4", 3)}\nd = Conv2D(x, v) {Attributes}\nl = {Floats("4", 4)}\nn = Mul(d, l) {{T=float}}\ny = Add(m, n) {{T=float}}");
        Assert.Equal("Mul", Assert.Single(once.Nodes, node => node.Op == "Mul").Op);
        Assert.DoesNotContain(test.Run(once).Nodes, node => node.Op == "Mul");
    }

    [Theory]
    [InlineData("float[]{2}", "[]")]
    [InlineData("float[3]{1, 2, 3}", "[3]")]
    [InlineData("float[1,4]{1, 2, 3, 4}", "[1,4]")]
    public void A_factor_of_another_shape_fails_in_verbatim_mode(string factor, string shape)
    {
        TransformException error = new FoldingTest(new FoldBatchNorms()) { Mode = TransformMode.Verbatim }.Fails(Convolution + $"k = Const() {{dtype=float, value={factor}}}\ny = Mul(c, k) {{T=float}}");
        Assert.Equal((StatusKind.InvalidArgument, $"Mul constant input to batch norm has bad shape: {shape}", "k"), (error.Kind, error.Message, error.Node));
    }

    [Fact]
    public void Verbatim_mode_folds_a_convolution_that_is_an_output()
    {
        Graph folded = new FoldingTest(new FoldBatchNorms()) { Mode = TransformMode.Verbatim, Outputs = ["y", "c"] }.Run(GraphText.Parse(Scaled));
        Assert.Equal(["w", "x", "y"], folded.Nodes.Select(node => node.Name));
    }

    [Fact]
    public void Verbatim_mode_scales_columns_even_of_transposed_weights()
    {
        Graph folded = new FoldingTest(new FoldBatchNorms()) { Mode = TransformMode.Verbatim }.Run(GraphText.Parse(
            """
            x = Placeholder()
            w = Const() {dtype=float, value=float[1,2]{1, 2}}
            c = MatMul(x, w) {T=float, transpose_b=true}
            k = Const() {dtype=float, value=float[2]{10, 100}}
            y = Mul(c, k) {T=float}
            """));
        Assert.Equal([10f, 200f], folded.Find("w")!.TensorAttribute("value")!.AsSpan<float>().ToArray());
    }

    [Fact]
    public void Verbatim_mode_puts_back_a_shared_match_head_first() => new FoldingTest(new FoldBatchNorms()) { Mode = TransformMode.Verbatim }.Check(
        """
        x = Placeholder()
        w = Const() {dtype=float, value=float[1,2]{1, 2}}
        c = MatMul(x, w) {T=float}
        k = Const() {dtype=float, value=float[2]{10, 100}}
        y = Mul(c, k) {T=float}
        z = Relu(k)
        """,
        """
        y = Mul(c, k) {T=float}
        c = MatMul(x, w) {T=float}
        x = Placeholder()
        w = Const() {dtype=float, value=float[1,2]{1, 2}}
        k = Const() {dtype=float, value=float[2]{10, 100}}
        z = Relu(k)
        """);
}
