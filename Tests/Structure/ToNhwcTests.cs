using TransformFramework.Graphs;
using TransformFramework.Structure.Layout;

namespace TransformFramework.Structure.Tests;

public sealed class ToNhwcTests
{
    internal const string ChannelsFirst =
        """
        x = Placeholder() {dtype=float, shape=(1,3,8,8)}
        w = Const() {dtype=float, value=float[3,3,3,4] values{0.1}}
        c = Conv2D(x, w) {T=float, strides=[1,1,2,2], padding="EXPLICIT", explicit_paddings=[0,0,0,0,1,0,0,1], data_format="NCHW"}
        scale = Const() {dtype=float, value=float[4,1,1]{1, 2, 3, 4}}
        m = Mul(c, scale) {T=float}
        b = Const() {dtype=float, value=float[4]{1, 2, 3, 4}}
        a = BiasAdd(m, b) {T=float, data_format="NCHW"}
        r = Relu(a) {T=float}
        axis = Const() {dtype=int32, value=int32[] values{1}}
        cc = ConcatV2(r, a, axis) {T=float, N=2, Tidx=int32}
        paddings = Const() {dtype=int32, value=int32[4,2]{0, 0, 0, 0, 1, 1, 0, 2}}
        p = Pad(cc, paddings) {T=float, Tpaddings=int32}
        pool = MaxPool(p) {T=float, ksize=[1,1,2,2], strides=[1,1,2,2], padding="VALID", data_format="NCHW"}
        axes = Const() {dtype=int32, value=int32[2]{2, 3}}
        mean = Mean(pool, axes) {T=float, Tidx=int32, keep_dims=false}
        y = Softmax(mean) {T=float}

        """;

    [Fact]
    public void A_net_computes_the_same_with_one_transpose()
    {
        var test = new TransformTest(new ToNhwc()) { Outputs = ["y"] };
        Graph after = test.CheckSameResults(ChannelsFirst, 1e-5f, ("x", TransformTest.Numbers(1, 3, 8, 8)));
        Assert.Equal("x", Assert.Single(after.Nodes, node => node.Op == "Transpose").Inputs[0].Text);
        Assert.DoesNotContain(after.Nodes, node => node.Attributes.TryGetValue("data_format", out var format) && format is BytesValue { Text: "NCHW" });
    }

    [Fact]
    public void An_output_in_the_middle_keeps_its_layout()
    {
        Graph after = new TransformTest(new ToNhwc()) { Outputs = ["r", "y"] }.CheckSameResults(ChannelsFirst, 1e-5f, ("x", TransformTest.Numbers(1, 3, 8, 8)));
        Assert.Equal(2, after.Nodes.Count(node => node.Op == "Transpose"));
    }

    [Fact]
    public void Transposes_that_are_there_vanish()
    {
        string graph = ChannelsFirst.Replace("x = Placeholder() {dtype=float, shape=(1,3,8,8)}", "image = Placeholder() {dtype=float, shape=(1,8,8,3)}\norder = Const() {dtype=int32, value=int32[4]{0, 3, 1, 2}}\nx = Transpose(image, order) {T=float, Tperm=int32}", StringComparison.Ordinal)
            + "back = Const() {dtype=int32, value=int32[4]{0, 2, 3, 1}}\nz = Transpose(pool, back) {T=float, Tperm=int32}";
        Graph after = new TransformTest(new ToNhwc()) { Outputs = ["y", "z"] }.CheckSameResults(graph, 1e-5f, ("image", TransformTest.Numbers(1, 8, 8, 3)));
        Assert.DoesNotContain(after.Nodes, node => node.Op == "Transpose");
    }

    [Fact]
    public void What_reads_the_old_order_gets_it()
    {
        string graph = ChannelsFirst + "flat = Const() {dtype=int32, value=int32[2]{1, -1}}\nz = Reshape(pool, flat) {T=float, Tshape=int32}\nq = Shape(r) {T=float, out_type=int32}";
        new TransformTest(new ToNhwc()) { Outputs = ["z", "q"] }.CheckSameResults(graph, 1e-5f, ("x", TransformTest.Numbers(1, 3, 8, 8)));
    }

    [Fact]
    public void A_graph_in_the_wanted_layout_stays() =>
        new TransformTest(new ToNhwc()) { Outputs = ["y"] }.CheckUnchanged("x = Placeholder() {dtype=float, shape=(1,8,8,3)}\nw = Const() {dtype=float, value=float[1,1,3,1] values{1}}\ny = Conv2D(x, w) {T=float, padding=\"SAME\", strides=[1,1,1,1]}");

    [Theory]
    [InlineData("(2,3)")]
    [InlineData("(2,3,5)")]
    public void A_bias_of_what_is_no_image_stays(string shape) =>
        new TransformTest(new ToNhwc()) { Outputs = ["y"] }.CheckUnchanged($"x = Placeholder() {{dtype=float, shape={shape}}}\nb = Const() {{dtype=float, value=float[3]{{1, 2, 3}}}}\ny = BiasAdd(x, b) {{T=float, data_format=\"NCHW\"}}");
}
