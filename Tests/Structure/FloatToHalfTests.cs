using TransformFramework.Graphs;
using TransformFramework.Structure.Precision;

namespace TransformFramework.Structure.Tests;

public sealed class FloatToHalfTests
{
    private const string Net = "x = Placeholder() {dtype=float, shape=(2)}\nw = Const() {dtype=float, value=float[2]{1, 0.5}}\na = Mul(x, w) {T=float}\ny = Tanh(a) {T=float}";

    [Fact]
    public void The_outputs_are_close()
    {
        Graph half = new TransformTest(new FloatToHalf(), new FloatToHalf.Options()) { Outputs = ["y"] }.CheckSameResults(Net, 2e-3f, ("x", TransformTest.Numbers(2)));
        Assert.Equal(DataType.Half, half.Find("w")!.TypeAttribute("dtype"));
        Assert.Equal(DataType.Half, half.Find("a")!.TypeAttribute("T"));
        Assert.Equal(2, half.Nodes.Count(node => node.Op == "Cast"));
    }

    [Fact]
    public void An_op_that_is_kept_stays_float_between_casts()
    {
        Graph half = new TransformTest(new FloatToHalf(), new FloatToHalf.Options { KeepOp = ["Tanh"] }) { Outputs = ["y"] }.CheckSameResults(Net, 2e-3f, ("x", TransformTest.Numbers(2)));
        Assert.Equal(DataType.Float, half.Find("y")!.TypeAttribute("T"));
    }

    [Fact]
    public void An_op_that_takes_no_half_stays_float()
    {
        string graph = "x = Placeholder() {dtype=float, shape=(1,2,2,1)}\na = Neg(x) {T=float}\ns = Const() {dtype=int32, value=int32[2]{3, 3}}\ny = ResizeBicubic(a, s) {T=float}";
        Graph half = new TransformTest(new FloatToHalf(), new FloatToHalf.Options()) { Outputs = ["y"] }.Apply(GraphText.Parse(graph));
        Assert.Equal(DataType.Half, half.Find("a")!.TypeAttribute("T"));
        Assert.True(half.Find("y") is not null);
    }

    [Fact]
    public void A_batch_norm_of_floats_alone_becomes_one_that_takes_half()
    {
        string graph = "x = Placeholder() {dtype=float, shape=(1,2,2,1)}\na = Neg(x) {T=float}\np = Const() {dtype=float, value=float[1]{0.5}}\nn = FusedBatchNorm(a, p, p, p, p) {T=float, is_training=false}\ny = Relu(n) {T=float}";
        Graph half = new TransformTest(new FloatToHalf(), new FloatToHalf.Options()) { Outputs = ["y"] }.CheckSameResults(graph, 2e-3f, ("x", TransformTest.Numbers(1, 2, 2, 1)));
        Assert.Equal(("FusedBatchNormV2", DataType.Half, DataType.Float), (half.Find("n")!.Op, half.Find("n")!.TypeAttribute("T"), half.Find("n")!.TypeAttribute("U")));
    }

    [Fact]
    public void What_reads_an_output_reads_it_in_half()
    {
        Graph half = new TransformTest(new FloatToHalf(), new FloatToHalf.Options()) { Outputs = ["a", "y"] }.CheckSameResults(Net, 2e-3f, ("x", TransformTest.Numbers(2)));
        Assert.Equal("a/half", half.Find("y/half")!.Inputs[0].Text);
    }

    [Fact]
    public void Bytes_are_read_as_they_were_written()
    {
        Graph half = new TransformTest(new FloatToHalf(), new FloatToHalf.Options()) { Outputs = ["y"] }.Apply(GraphText.Parse("x = Placeholder() {dtype=string, shape=()}\nd = DecodeRaw(x) {out_type=float}\ny = Neg(d) {T=float}"));
        Assert.Equal((DataType.Float, DataType.Half), (half.Find("d")!.TypeAttribute("out_type"), half.Nodes.Single(node => node.Op == "Neg").TypeAttribute("T")));
    }
}
