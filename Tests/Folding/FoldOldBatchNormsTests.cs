using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Transforms;
using static TransformFramework.Folding.Tests.FoldingTest;

namespace TransformFramework.Folding.Tests;

public sealed class FoldOldBatchNormsTests
{
    private const string Attributes = "{T=float, strides=[1,1,1,1], padding=\"SAME\", data_format=\"NHWC\", dilations=[1,1,1,1]}";
    private const string Valid = "{T=float, strides=[1,1,1,1], padding=\"VALID\", data_format=\"NHWC\", dilations=[1,1,1,1]}";

    private static readonly string Image = "x = Placeholder() {dtype=float, shape=(2,5,5,3)}\n";
    private static readonly string Convolution = Image + $"w = {Floats("3,3,3,4", 1)}\nc = Conv2D(x, w) {Attributes}\n";
    private static readonly string Parameters = ParametersOf(4);
    private static readonly string Halves = Image + $"w = {Floats("3,3,3,1", 1)}\nc = Conv2D(x, w) {Attributes}\nv = {Floats("3,3,3,3", 6)}\nd = Conv2D(x, v) {Attributes}\n";
    private static readonly string LastAxis = "a = Const() {dtype=int32, value=int32[]{3}}\n";
    private static readonly string Joined = "j = ConcatV2(c, d, a) {N=2, T=float, Tidx=int32}\n";

    private static readonly string Space = "s = Const() {dtype=int32, value=int32[2]{2, 2}}\np = Const() {dtype=int32, value=int32[2,2]{2, 3, 2, 3}}\nq = Const() {dtype=int32, value=int32[2,2]{0, 1, 0, 1}}\n"
        + $"f = SpaceToBatchND(x, s, p) {{T=float, Tblock_shape=int32, Tpaddings=int32}}\nw = {Floats("3,3,3,4", 1)}\nc = Conv2D(f, w) {Valid}\nb = BatchToSpaceND(c, s, q) {{T=float, Tblock_shape=int32, Tcrops=int32}}\n";

    private static string ParametersOf(int channels) =>
        $"gamma = {Floats($"{channels}", 2)}\nbeta = {Floats($"{channels}", 3)}\nmean = {Floats($"{channels}", 4)}\nvariance = {Floats($"{channels}", 5, positive: true)}\n";

    private static string Fused(string data, string name = "y", string training = ", is_training=false") =>
        $"{name} = FusedBatchNorm({data}, gamma, beta, mean, variance) {{T=float, epsilon=0.01, data_format=\"NHWC\"{training}}}\n";

    private static string Global(string data, string scales = "true") =>
        $"y = BatchNormWithGlobalNormalization({data}, mean, variance, beta, gamma) {{T=float, variance_epsilon=0.01, scale_after_normalization={scales}}}\n";

    public static TheoryData<string, string> Folding() => new()
    {
        { "fused", Convolution + Parameters + Fused("c") },
        { "global", Convolution + Parameters + Global("c") },
        { "weights that are scaled by another thread", Image + $"w = {Floats("3,3,3,612", 1)}\nc = Conv2D(x, w) {Attributes}\n" + ParametersOf(612) + Fused("c") },
        { "global, without gamma", Convolution + Parameters + Global("c", "false") },
        { "depthwise", Image + $"w = {Floats("3,3,3,2", 1)}\nc = DepthwiseConv2dNative(x, w) {Attributes}\n" + ParametersOf(6) + Fused("c") },
        { "through space", Image + Space + Parameters + Fused("b") },
        { "over a concatenation", Halves + LastAxis + Joined + Parameters + Fused("j") },
        { "shared weights", Convolution + Parameters + Fused("c", "n") + $"d = Conv2D(x, w) {Attributes}\ny = Add(n, d) {{T=float}}" },
        { "shared weights, two norms", Convolution + Parameters + Fused("c", "n") + $"d = Conv2D(x, w) {Attributes}\n" + Fused("d", "m") + "y = Add(n, m) {T=float}" },
        { "shared parameter", Convolution + Parameters + Fused("c", "n") + "y = Add(n, beta) {T=float}" },
        { "shared block shape", Image + Space + Parameters + Fused("b", "n") + "t = SpaceToBatchND(n, s, o) {T=float, Tblock_shape=int32, Tpaddings=int32}\no = Const() {dtype=int32, value=int32[2,2]{0, 1, 0, 1}}\ny = Relu(t) {T=float}" },
        { "taken name", Convolution + Parameters + Fused("c", "n") + $"c_bn_offset = {Floats("4", 8)}\ny = Add(n, c_bn_offset) {{T=float}}" },
    };

    public static TheoryData<string, string, string[]> Declining() => new()
    {
        { "is_training is not false", Convolution + Parameters + Fused("c", "n", ", is_training=true") + "y = Relu(n) {T=float}", ["y"] },
        { "is_training is not false", Convolution + Parameters + Fused("c", "n", "") + "y = Relu(n) {T=float}", ["y"] },
        { "its statistics outputs are read", Convolution + Parameters + Fused("c", "n") + "y = Add(n, n:1) {T=float}", ["y"] },
        { "'c' is read elsewhere", Convolution + Parameters + Fused("c", "n") + "y = Add(n, c) {T=float}", ["y"] },
        { "'c' is read elsewhere", Convolution + Parameters + Fused("c", "n") + "y = Relu(n) {T=float}", ["y", "c"] },
        { "'b' is read elsewhere", Image + Space + Parameters + Fused("b", "n") + "y = Add(n, b) {T=float}", ["y"] },
        { "'j' is read elsewhere", Halves + LastAxis + Joined + Parameters + Fused("j", "n") + "y = Relu(n) {T=float}", ["y", "j"] },
        { "one convolution is concatenated with itself", Halves + LastAxis + Joined.Replace("d,", "c,", StringComparison.Ordinal) + Parameters + Fused("j", "n") + "y = Relu(n) {T=float}", ["y"] },
        { "two convolutions share their weights", Image + $"w = {Floats("3,3,3,2", 1)}\nc = Conv2D(x, w) {Attributes}\nd = Conv2D(x, w) {Attributes}\n" + LastAxis + Joined + Parameters + Fused("j", "n") + "y = Relu(n) {T=float}", ["y"] },
        { "only plain convolutions concatenated along axis 3", Halves + LastAxis.Replace("{3}", "{-1}", StringComparison.Ordinal) + Joined + Parameters + Fused("j", "n") + "y = Relu(n) {T=float}", ["y"] },
        { "not concatenated along the last axis", Halves.Replace("NHWC", "NCHW", StringComparison.Ordinal) + LastAxis + Joined + Parameters + Fused("j", "n") + "y = Relu(n) {T=float}", ["y"] },
        { "'w' are weights and data", $"w = {Floats("2,2,2,4", 1)}\nc = Conv2D(w, w) {Attributes}\n" + Parameters + Fused("c", "n") + "y = Relu(n) {T=float}", ["y"] },
        { "'v' are weights and data", $"x = Placeholder()\nv = {Floats("2,2,2,2", 1)}\nw = {Floats("2,2,2,2", 7)}\nc = Conv2D(v, w) {Attributes}\nd = Conv2D(x, v) {Attributes}\n" + LastAxis + Joined + Parameters + Fused("j", "n") + "y = Relu(n) {T=float}", ["y"] },
        { "'w' is not a float constant", "x = Placeholder()\nw = Const() {dtype=half, value=half[1,1,1,1]{1}}\nc = Conv2D(x, w) {T=half}\n" + Parameters + Fused("c", "n") + "y = Relu(n)", ["y"] },
    };

    [Theory]
    [InlineData("y = FusedBatchNorm(c, gamma, beta, mean, variance) {epsilon=0.0, is_training=false}")]
    [InlineData("y = BatchNormWithGlobalNormalization(c, mean, variance, beta, gamma) {variance_epsilon=0.0, scale_after_normalization=true}")]
    public void Scales_the_weights_and_adds_an_offset(string norm)
    {
        var test = new FoldingTest(new FoldOldBatchNorms());
        test.Check(
            $$$"""
            x = Placeholder()
            w = Const() {dtype=float, value=float[1,1,1,2]{1, 2}}
            c = Conv2D(x, w) {T=float, data_format="NHWC"}
            gamma = Const() {dtype=float, value=float[2]{3, 1}}
            beta = Const() {dtype=float, value=float[2]{5, 0}}
            mean = Const() {dtype=float, value=float[2]{7, -1}}
            variance = Const() {dtype=float, value=float[2]{0.25, 4}}
            {{{norm}}}
            """,
            """
            w = Const() {dtype=float, value=float[1,1,1,2]{6, 1}}
            x = Placeholder()
            c = Conv2D(x, w) {T=float, data_format="NHWC"}
            c_bn_offset = Const() {dtype=float, value=float[2]{-37, 0.5}}
            y = BiasAdd(c, c_bn_offset) {T=float, data_format="NHWC"}
            """);
    }

    [Theory]
    [MemberData(nameof(Folding))]
    public void Folds_and_computes_the_same(string name, string graph)
    {
        Graph folded = new FoldingTest(new FoldOldBatchNorms()).CheckSameOutputs(graph);
        Assert.False(folded.Nodes.Any(node => node.Op.Contains("BatchNorm", StringComparison.Ordinal)), $"{name}: {GraphText.Print(folded)}");
        Assert.Equal(folded.Nodes.Length, folded.Nodes.Select(node => node.Name).Distinct(StringComparer.Ordinal).Count());
    }

    [Theory]
    [MemberData(nameof(Declining))]
    public void Declines_what_would_change_an_output(string reason, string graph, string[] outputs) =>
        new FoldingTest(new FoldOldBatchNorms()) { Outputs = [.. outputs] }.CheckDeclined(graph, "n", reason);

    [Theory]
    [InlineData("FusedBatchNormV2")]
    [InlineData("FusedBatchNormV3")]
    public void Later_versions_are_no_match(string op)
    {
        string graph = Convolution + Parameters + Fused("c").Replace("FusedBatchNorm", op, StringComparison.Ordinal);
        new FoldingTest(new FoldOldBatchNorms()).Check(graph, graph);
    }

    [Theory]
    [InlineData(TransformMode.Safe, "c, c_bn_offset, ^x")]
    [InlineData(TransformMode.Verbatim, "c, c_bn_offset")]
    public void The_control_inputs_of_the_norm_are_kept_unless_verbatim(TransformMode mode, string inputs)
    {
        Graph folded = new FoldingTest(new FoldOldBatchNorms()) { Mode = mode }.Run(GraphText.Parse(Convolution + Parameters + Fused("c, ^x").Replace("^x, gamma, beta, mean, variance", "gamma, beta, mean, variance, ^x", StringComparison.Ordinal)));
        Assert.Equal(inputs, string.Join(", ", folded.Find("y")!.Inputs.Select(input => input.Text)));
    }

    [Fact]
    public void Verbatim_mode_folds_training_norms_and_changes_what_others_read()
    {
        Graph folded = Verbatim.Run(GraphText.Parse(Convolution + Parameters + Fused("c", "n", ", is_training=true") + "y = Add(n:1, c) {T=float}"));
        Assert.Equal(["w", "x", "c", "c_bn_offset", "n", "y"], folded.Nodes.Select(node => node.Name));
        Assert.Equal("n:1", folded.Find("y")!.Inputs[0].Text);
    }

    [Fact]
    public void Verbatim_mode_scales_shared_weights_twice()
    {
        string scaled(string name) => $"{name} = Const() {{dtype=float, value=float[1]{{2}}}}\n";
        string parameters(int number) => scaled($"gamma{number}") + $"beta{number} = Const() {{dtype=float, value=float[1]{{0}}}}\nmean{number} = Const() {{dtype=float, value=float[1]{{0}}}}\nvariance{number} = Const() {{dtype=float, value=float[1]{{1}}}}\n";
        string branch(int number) => $"c{number} = Conv2D(x{number}, w) {{T=float}}\n{parameters(number)}n{number} = FusedBatchNorm(c{number}, gamma{number}, beta{number}, mean{number}, variance{number}) {{epsilon=0.0}}\n";
        Graph folded = Verbatim.Run(GraphText.Parse($"x1 = Placeholder()\nx2 = Placeholder()\nw = Const() {{dtype=float, value=float[1,1,1,1]{{1}}}}\n{branch(1)}{branch(2)}"));
        Assert.Equal([4f], folded.Find("w")!.TensorAttribute("value")!.AsSpan<float>().ToArray());
    }

    [Fact]
    public void Verbatim_mode_stops_where_the_original_never_ends()
    {
        TransformException error = Verbatim.Fails(Convolution + Parameters + Fused("c", "n") + "y = Add(n, beta) {T=float}");
        Assert.Equal((StatusKind.Aborted, "beta"), (error.Kind, error.Node));
        Assert.Equal("Run without --verbatim.", error.Suggestion);
    }

    [Theory]
    [InlineData("mean", 3, StatusKind.InvalidArgument, "Variance input to batch norm has bad shape: [4]")]
    [InlineData("variance", 3, StatusKind.InvalidArgument, "Variance input to batch norm has bad shape: [3]")]
    [InlineData("beta", 5, StatusKind.InvalidArgument, "Beta input to batch norm has bad shape: [5]")]
    [InlineData("gamma", 1, StatusKind.InvalidArgument, "gamma input to batch norm has bad shape: [1]")]
    [InlineData("", 6, StatusKind.Aborted, "'c' has 4 channels, the batch norm 'y' has 6")]
    public void Parameters_of_another_length_fail(string parameter, int length, StatusKind kind, string message)
    {
        string[] lines = (parameter.Length == 0 ? ParametersOf(length) : Parameters).Split('\n');
        string parameters = string.Join('\n', lines.Select(line => parameter.Length > 0 && line.StartsWith(parameter, StringComparison.Ordinal) ? $"{parameter} = {Floats($"{length}", 9)}" : line));
        Assert.All([TransformMode.Safe, TransformMode.Verbatim], mode =>
        {
            TransformException error = new FoldingTest(new FoldOldBatchNorms()) { Mode = mode }.Fails(Convolution + parameters + Fused("c"));
            Assert.Equal((kind, message, "y"), (error.Kind, error.Message, error.Node));
        });
    }

    private static FoldingTest Verbatim => new(new FoldOldBatchNorms()) { Mode = TransformMode.Verbatim };
}
