using TransformFramework.Graphs;
using static TransformFramework.Folding.Tests.FoldingTest;

namespace TransformFramework.Folding.Tests;

public sealed class FoldNormsTests
{
    private static readonly string[] Norms = ["Mul", "RealDiv", "FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3", "BatchNormWithGlobalNormalization"];

    private const string Attributes = "{T=float, strides=[1,1,1,1], padding=\"SAME\", data_format=\"NHWC\", dilations=[1,1,1,1]}";
    private const string Valid = "{T=float, strides=[1,1,1,1], padding=\"VALID\", data_format=\"NHWC\", dilations=[1,1,1,1]}";
    private const string First = "{T=float, strides=[1,1,1,1], padding=\"SAME\", data_format=\"NCHW\", dilations=[1,1,1,1]}";

    private static readonly string Image = "x = Placeholder() {dtype=float, shape=(2,5,5,3)}\n";
    private static readonly string Filter = $"w = {Floats("3,3,3,4", 1)}\n";
    private static readonly string Parameters = $"gamma = {Floats("4", 2)}\nbeta = {Floats("4", 3)}\nmean = {Floats("4", 4)}\nvariance = {Floats("4", 5, positive: true)}\n";
    private static readonly string InputParameters = $"gamma = {Floats("3", 2)}\nbeta = {Floats("3", 3)}\nmean = {Floats("3", 4)}\nvariance = {Floats("3", 5, positive: true)}\n";

    private static string Fused(string data, string op = "FusedBatchNormV3", string name = "y", string format = "NHWC", bool trains = false) =>
        $"{name} = {op}({data}, gamma, beta, mean, variance) {{T=float, U=float, epsilon=0.01, data_format=\"{format}\", is_training={(trains ? "true" : "false")}}}\n";

    public static TheoryData<string, string> Folding() => new()
    {
        { "Mul", Image + Filter + $"c = Conv2D(x, w) {Attributes}\nk = {Floats("4", 2)}\ny = Mul(c, k) {{T=float}}" },
        { "constant first", Image + Filter + $"c = Conv2D(x, w) {Attributes}\nk = {Floats("1,1,1,4", 2)}\ny = Mul(k, c) {{T=float}}" },
        { "Mul and Add", Image + Filter + $"c = Conv2D(x, w) {Attributes}\nk = {Floats("4", 2)}\nm = Mul(c, k) {{T=float}}\nb = {Floats("4", 3)}\ny = AddV2(m, b) {{T=float}}" },
        { "Sub, RealDiv, Add", Image + Filter + $"c = Conv2D(x, w) {Attributes}\nk = {Floats("4", 2)}\ns = Sub(c, k) {{T=float}}\nd = {Floats("4", 3, positive: true)}\nq = RealDiv(s, d) {{T=float}}\ny = Add(q, k) {{T=float}}" },
        { "FusedBatchNorm", Image + Filter + Parameters + $"c = Conv2D(x, w) {Attributes}\n" + Fused("c", "FusedBatchNorm") },
        { "FusedBatchNormV2", Image + Filter + Parameters + $"c = Conv2D(x, w) {Attributes}\n" + Fused("c", "FusedBatchNormV2") },
        { "FusedBatchNormV3", Image + Filter + Parameters + $"c = Conv2D(x, w) {Attributes}\n" + Fused("c") },
        { "global", Image + Filter + Parameters + $"c = Conv2D(x, w) {Attributes}\ny = BatchNormWithGlobalNormalization(c, mean, variance, beta, gamma) {{T=float, variance_epsilon=0.01, scale_after_normalization=true}}" },
        { "decomposed", Image + Filter + Parameters + $"c = Conv2D(x, w) {Attributes}\ne = Const() {{dtype=float, value=float[]{{0.01}}}}\nv = Add(variance, e) {{T=float}}\nr = Rsqrt(v) {{T=float}}\nk = Mul(r, gamma) {{T=float}}\nm = Mul(c, k) {{T=float}}\nn = Mul(mean, k) {{T=float}}\no = Sub(beta, n) {{T=float}}\ny = Add(m, o) {{T=float}}" },
        { "through Identity and BiasAdd", Image + Filter + Parameters + $"c = Conv2D(x, w) {Attributes}\nb = BiasAdd(c, mean) {{T=float, data_format=\"NHWC\"}}\ni = Identity(b) {{T=float}}\n" + Fused("i") },
        { "through Pad", Image + Filter + Parameters + $"c = Conv2D(x, w) {Attributes}\nn = Const() {{dtype=int32, value=int32[4,2]{{0, 0, 1, 1, 2, 0, 0, 0}}}}\np = Pad(c, n) {{T=float, Tpaddings=int32}}\n" + Fused("p") },
        { "atrous", Image + Filter + Parameters + $"s = Const() {{dtype=int32, value=int32[2]{{2, 2}}}}\nn = Const() {{dtype=int32, value=int32[2,2]{{2, 3, 2, 3}}}}\nm = Const() {{dtype=int32, value=int32[2,2]{{0, 1, 0, 1}}}}\na = SpaceToBatchND(x, s, n) {{T=float, Tblock_shape=int32, Tpaddings=int32}}\nc = Conv2D(a, w) {Valid}\nb = BatchToSpaceND(c, s, m) {{T=float, Tblock_shape=int32, Tcrops=int32}}\n" + Fused("b") },
        { "depthwise", Image + $"w = {Floats("3,3,3,2", 1)}\nd = DepthwiseConv2dNative(x, w) {Attributes}\nk = {Floats("6", 2)}\ny = Mul(d, k) {{T=float}}" },
        { "NCHW", "x = Placeholder() {dtype=float, shape=(2,3,5,5)}\n" + Filter + Parameters + $"c = Conv2D(x, w) {First}\nb = BiasAdd(c, mean) {{T=float, data_format=\"NCHW\"}}\n" + Fused("b", format: "NCHW") },
        { "NCHW Mul", "x = Placeholder() {dtype=float, shape=(2,3,5,5)}\n" + Filter + $"c = Conv2D(x, w) {First}\nk = {Floats("4,1,1", 2)}\ny = Mul(c, k) {{T=float}}" },
        { "Conv3D", $"x = Placeholder() {{dtype=float, shape=(1,4,4,4,2)}}\nw = {Floats("2,2,2,2,3", 1)}\nc = Conv3D(x, w) {{T=float, strides=[1,1,1,1,1], padding=\"SAME\", data_format=\"NDHWC\", dilations=[1,1,1,1,1]}}\nk = {Floats("3", 2)}\nm = Mul(c, k) {{T=float}}\ny = Add(m, k) {{T=float}}" },
        { "transposed convolution", $"x = Placeholder() {{dtype=float, shape=(1,3,3,3)}}\nw = {Floats("2,2,4,3", 1)}\nn = Const() {{dtype=int32, value=int32[4]{{1, 6, 6, 4}}}}\n" + Parameters + "c = Conv2DBackpropInput(n, w, x) {T=float, strides=[1,2,2,1], padding=\"SAME\", data_format=\"NHWC\", dilations=[1,1,1,1]}\n" + Fused("c") },
        { "MatMul", $"x = Placeholder() {{dtype=float, shape=(2,3)}}\nw = {Floats("3,4", 1)}\nm = MatMul(x, w) {{T=float, transpose_a=false, transpose_b=false}}\nk = {Floats("4", 2)}\ny = Mul(m, k) {{T=float}}" },
        { "MatMul, transposed", $"x = Placeholder() {{dtype=float, shape=(2,3)}}\nw = {Floats("4,3", 1)}\nm = MatMul(x, w) {{T=float, transpose_a=false, transpose_b=true}}\nk = {Floats("4", 2)}\ny = Mul(m, k) {{T=float}}" },
        { "before a convolution", Image + Filter + InputParameters + Fused("x", name: "n") + $"y = Conv2D(n, w) {Valid}" },
        { "before a padded convolution, without offset", Image + Filter + $"k = {Floats("3", 2)}\nm = Mul(x, k) {{T=float}}\ny = Conv2D(m, w) {Attributes}" },
        { "before a MatMul", $"x = Placeholder() {{dtype=float, shape=(2,3)}}\nw = {Floats("3,4", 1)}\nk = {Floats("3", 2)}\nm = Mul(x, k) {{T=float}}\ni = Identity(m) {{T=float}}\ny = MatMul(i, w) {{T=float, transpose_a=false, transpose_b=false}}" },
        { "before a depthwise convolution", Image + $"w = {Floats("3,3,3,2", 1)}\n" + InputParameters + Fused("x", name: "n") + $"y = DepthwiseConv2dNative(n, w) {Valid}" },
        { "in groups", $"x = Placeholder() {{dtype=float, shape=(2,5,5,6)}}\nw = {Floats("3,3,2,6", 1)}\nc = Conv2D(x, w) {Attributes}\nk = {Floats("6", 2)}\ny = Mul(c, k) {{T=float}}" },
        { "before a convolution in groups", $"x = Placeholder() {{dtype=float, shape=(2,5,5,6)}}\nw = {Floats("3,3,2,9", 1)}\ngamma = {Floats("6", 2)}\nbeta = {Floats("6", 3)}\nmean = {Floats("6", 4)}\nvariance = {Floats("6", 5, positive: true)}\n" + Fused("x", name: "n") + $"y = Conv2D(n, w) {Valid}" },
        { "shared weights", Image + Filter + $"c = Conv2D(x, w) {Attributes}\nk = {Floats("4", 2)}\nm = Mul(c, k) {{T=float}}\nd = Conv2D(x, w) {Attributes}\ny = Add(m, d) {{T=float}}" },
        { "two norms in a row", Image + Filter + Parameters + $"c = Conv2D(x, w) {Attributes}\n" + Fused("c", name: "n") + "y = Mul(n, gamma) {T=float}" },
    };

    public static TheoryData<string, string, string> Declining() => new()
    {
        { "read elsewhere", "is read elsewhere", Image + Filter + $"c = Conv2D(x, w) {Attributes}\nk = {Floats("4", 2)}\nm = Mul(c, k) {{T=float}}\ny = Add(m, c) {{T=float}}" },
        { "per pixel", "are not one for each of the 4 channels", Image + Filter + $"c = Conv2D(x, w) {Attributes}\nk = {Floats("5,1", 2)}\ny = Mul(c, k) {{T=float}}" },
        { "variable weights", "are not constant", Image + $"w = Placeholder() {{dtype=float, shape=(3,3,3,4)}}\nc = Conv2D(x, w) {Attributes}\nk = {Floats("4", 2)}\ny = Mul(c, k) {{T=float}}" },
        { "offset before padding", "would not reach the zeros", Image + Filter + InputParameters + Fused("x", name: "n") + $"y = Conv2D(n, w) {Attributes}" },
        { "no neighbour", "comes from 'r' (Relu)", Image + $"r = Relu(x) {{T=float}}\nk = {Floats("3", 2)}\nm = Mul(r, k) {{T=float}}\ny = Relu(m) {{T=float}}" },
    };

    [Theory]
    [MemberData(nameof(Folding))]
    public void Folds_and_computes_the_same(string name, string graph)
    {
        Graph folded = new FoldingTest(new FoldNorms()).CheckSameOutputs(graph);
        Assert.True(Dependent(folded, "x").All(node => !Norms.Contains(node.Op)), $"{name}: {GraphText.Print(folded)}");
    }

    [Theory]
    [MemberData(nameof(Declining))]
    public void Declines_with_the_reason(string name, string reason, string graph)
    {
        var test = new FoldingTest(new FoldNorms());
        Graph result = test.CheckSameOutputs(graph);
        Assert.Equal(GraphText.Print(GraphText.Parse(graph)), GraphText.Print(result));
        Assert.True(test.Explanations.Exists(line => line.Contains(reason, StringComparison.Ordinal)), $"{name}: {string.Join('\n', test.Explanations)}");
    }

    [Fact]
    public void Keeps_an_output_that_lies_before_the_norm()
    {
        var test = new FoldingTest(new FoldNorms()) { Outputs = ["c", "y"] };
        test.CheckSameOutputs(Image + Filter + $"c = Conv2D(x, w) {Attributes}\nk = {Floats("4", 2)}\ny = Mul(c, k) {{T=float}}");
        Assert.Contains(test.Explanations, line => line.Contains("'c' is itself an output", StringComparison.Ordinal));
    }

    [Fact]
    public void Folds_moving_statistics_of_a_training_norm_with_a_warning()
    {
        var test = new FoldingTest(new FoldNorms());
        Graph folded = test.Run(GraphText.Parse(Image + Filter + Parameters + $"c = Conv2D(x, w) {Attributes}\n" + Fused("c", trains: true)));
        Assert.DoesNotContain(folded.Nodes, node => node.Op == "FusedBatchNormV3");
        Assert.Contains(test.Diagnostics, diagnostic => diagnostic.Id == "TFX2032" && diagnostic.Node == "y");
    }

    [Fact]
    public void Leaves_nothing_behind_that_is_not_read()
    {
        Graph folded = new FoldingTest(new FoldNorms()).Run(GraphText.Parse(Image + Filter + Parameters + $"c = Conv2D(x, w) {Attributes}\n" + Fused("c")));
        Assert.Equal(["x", "w", "c", "y/offset", "y"], folded.Nodes.Select(node => node.Name));
    }

    /// <summary>The nodes that a node's value reaches.</summary>
    private static List<Node> Dependent(Graph graph, string name)
    {
        var reached = new List<Node>();
        var open = new Stack<string>([name]);
        while (open.TryPop(out string? next))
        {
            foreach (Consumer consumer in graph.ConsumersOf(next))
            {
                reached.Add(consumer.Node);
                open.Push(consumer.Node.Name);
            }
        }
        return reached;
    }
}
