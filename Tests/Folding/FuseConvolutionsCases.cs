using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Transforms;
using static TransformFramework.Folding.Tests.FoldingTest;

namespace TransformFramework.Folding.Tests;

/// <summary>What holds for each of the three fusions of resizing, padding and convolution.</summary>
public abstract class FuseConvolutionsCases
{
    /// <summary>What comes before the convolution <c>y</c>, from the image <c>x</c>; the last line's node is what it reads.</summary>
    protected abstract string Chain { get; }

    private protected abstract ITransform Transform { get; }

    protected const string Resize = "s = Const() {dtype=int32, value=int32[2]{7, 9}}\nr = ResizeBilinear(x, s) {T=float, align_corners=false, half_pixel_centers=false}\n";
    protected const string Pad = "n = Const() {dtype=int32, value=int32[4,2]{0, 0, 1, 2, 2, 1, 0, 0}}\nm = MirrorPad(x, n) {T=float, Tpaddings=int32, mode=\"REFLECT\"}\n";

    private const string Attributes = "T=float, strides=[1,2,1,1], padding=\"VALID\"";
    private const string Plain = $"{{{Attributes}, data_format=\"NHWC\", dilations=[1,1,1,1]}}";

    private static readonly string Image = "x = Placeholder() {dtype=float, shape=(1,4,5,3)}\n" + $"w = {Floats("3,3,3,2", 1)}\n";

    private string Last => Chain.TrimEnd().Split('\n')[^1].Split(' ')[0];

    public static TheoryData<string, string> Convolutions() => new()
    {
        { "the fused op knows NHWC only", $"{{{Attributes}, data_format=\"NCHW\", dilations=[1,1,1,1]}}" },
        { "the fused op has no dilations", $"{{{Attributes}, data_format=\"NHWC\", dilations=[1,2,1,1]}}" },
        { "the fused op has no explicit padding", "{T=float, strides=[1,1,1,1], padding=\"EXPLICIT\", explicit_paddings=[0,0,1,1,0,0,0,0], data_format=\"NHWC\"}" },
    };

    [Theory]
    [InlineData("REFLECT", "false")]
    [InlineData("SYMMETRIC", "true")]
    public void The_outputs_stay(string mode, string aligned)
    {
        string chain = Chain.Replace("REFLECT", mode, StringComparison.Ordinal).Replace("align_corners=false", $"align_corners={aligned}", StringComparison.Ordinal);
        Graph fused = new FoldingTest(Transform).CheckSameOutputs($"{Image}{chain}y = Conv2D({Last}, w) {Plain}");
        Assert.DoesNotContain(fused.Nodes, node => node.Op is "Conv2D" or "MirrorPad" or "ResizeBilinear");
    }

    [Theory]
    [MemberData(nameof(Convolutions))]
    public void Declines_what_the_fused_op_cannot(string reason, string attributes) =>
        new FoldingTest(Transform).CheckDeclined($"{Image}{Chain}y = Conv2D({Last}, w) {attributes}", "y", reason);

    [Theory]
    [MemberData(nameof(Convolutions))]
    public void Verbatim_mode_loses_what_the_fused_op_cannot(string reason, string attributes)
    {
        var test = new FoldingTest(Transform) { Mode = TransformMode.Verbatim };
        Node fused = test.Run(GraphText.Parse($"{Image}{Chain}y = Conv2D({Last}, w) {attributes}")).Find("y")!;
        Assert.StartsWith("Fused", fused.Op, StringComparison.Ordinal);
        Assert.False(fused.Attributes.ContainsKey("data_format") || fused.Attributes.ContainsKey("dilations") || fused.Attributes.ContainsKey("explicit_paddings"), reason);
    }

    [Fact]
    public void Declines_where_the_data_is_read_elsewhere() =>
        new FoldingTest(Transform).CheckDeclined($"{Image}{Chain}y = Conv2D({Last}, w) {Plain}\nz = Relu({Last}) {{T=float}}", "y", $"'{Last}' is read elsewhere");

    [Fact]
    public void Declines_where_the_data_is_an_output() =>
        new FoldingTest(Transform) { Outputs = ["y", Last] }.CheckDeclined($"{Image}{Chain}y = Conv2D({Last}, w) {Plain}", "y", $"'{Last}' is itself an output");

    [Theory]
    [InlineData(TransformMode.Safe, "^x, ^w")]
    [InlineData(TransformMode.Verbatim, "")]
    public void Control_inputs_are_kept_unless_verbatim(TransformMode mode, string controls)
    {
        string graph = $"{Image}{Chain}y = Conv2D({Last}, w, ^x) {Plain}";
        string anchored = graph.Replace(") {T=float, Tpaddings", ", ^w) {T=float, Tpaddings", StringComparison.Ordinal).Replace(") {T=float, align", ", ^w) {T=float, align", StringComparison.Ordinal);
        Node fused = new FoldingTest(Transform) { Mode = mode }.Run(GraphText.Parse(anchored)).Find("y")!;
        Assert.Equal(controls, string.Join(", ", fused.ControlInputs.Select(input => input.Text)));
    }

    [Fact]
    public void A_convolution_without_strides_ends_as_in_the_original()
    {
        TransformException error = new FoldingTest(Transform).Fails($"{Image}{Chain}y = Conv2D({Last}, w) {{T=float, padding=\"SAME\"}}");
        Assert.Equal(StatusKind.Aborted, error.Kind);
        Assert.Contains("strides", error.Message, StringComparison.Ordinal);
    }
}
