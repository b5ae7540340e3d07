using TransformFramework.Graphs;
using TransformFramework.Structure.Layout;

namespace TransformFramework.Structure.Tests;

public sealed class ToNchwTests
{
    private const string ChannelsLast =
        """
        x = Placeholder() {dtype=float, shape=(1,8,8,3)}
        w = Const() {dtype=float, value=float[3,3,3,4] values{0.1}}
        c = Conv2D(x, w) {T=float, strides=[1,2,2,1], padding="SAME"}
        b = Const() {dtype=float, value=float[4]{1, 2, 3, 4}}
        a = BiasAdd(c, b) {T=float}
        s = AddV2(a, b) {T=float}
        d = Mul(s, c) {T=float}
        pool = AvgPool(d) {T=float, ksize=[1,2,2,1], strides=[1,2,2,1], padding="VALID"}
        axes = Const() {dtype=int32, value=int32[2]{1, 2}}
        mean = Mean(pool, axes) {T=float, Tidx=int32, keep_dims=true}
        z = Squeeze(mean) {T=float, squeeze_dims=[1,2]}
        v = Const() {dtype=float, value=float[4]{1, 1, 1, 1}}
        y = BiasAdd(z, v) {T=float}

        """;

    [Fact]
    public void A_net_computes_the_same_with_one_transpose()
    {
        Graph after = new TransformTest(new ToNchw()) { Outputs = ["y"] }.CheckSameResults(ChannelsLast, 1e-5f, ("x", TransformTest.Numbers(1, 8, 8, 3)));
        Assert.Single(after.Nodes, node => node.Op == "Transpose");
        Assert.Equal("[1,4,1,1]", after.Find(after.Find("s")!.Inputs[1].Node)!.TensorAttribute("value")!.Shape.ToString());
        Assert.False(after.Find("y")!.Attributes.ContainsKey("data_format"));
    }

    [Fact]
    public void There_and_back_computes_the_same()
    {
        Graph there = new TransformTest(new ToNchw()) { Outputs = ["y"] }.Apply(GraphText.Parse(ChannelsLast));
        Graph back = new TransformTest(new ToNhwc()) { Outputs = ["y"] }.CheckSameResults(GraphText.Print(there), 1e-5f, ("x", TransformTest.Numbers(1, 8, 8, 3)));
        Assert.DoesNotContain(back.Nodes, node => node.Op == "Transpose");
    }

    [Fact]
    public void An_image_that_a_fused_convolution_adds_is_transposed_too() =>
        new TransformTest(new ToNchw()) { Outputs = ["y"] }.CheckSameResults(
            """
            x = Placeholder() {dtype=float, shape=(1,4,4,4)}
            s = Placeholder() {dtype=float, shape=(1,4,4,4)}
            w = Const() {dtype=float, value=float[1,1,4,4] values{0.1}}
            b = Const() {dtype=float, value=float[4]{1, 2, 3, 4}}
            y = _FusedConv2D(x, w, b, s) {T=float, num_args=2, strides=[1,1,1,1], padding="SAME", fused_ops=["BiasAdd","Add"], TArgs=[float, float]}
            """,
            1e-5f, ("x", TransformTest.Numbers(1, 4, 4, 4)), ("s", TransformTest.Numbers(1, 4, 4, 4)));

    [Fact]
    public void Other_outputs_of_an_output_keep_their_readers()
    {
        Graph after = new TransformTest(new ToNchw()) { Outputs = ["n", "y"] }.Apply(GraphText.Parse(
            """
            x = Placeholder() {dtype=float, shape=(1,4,4,2)}
            w = Const() {dtype=float, value=float[1,1,2,2] values{0.1}}
            c = Conv2D(x, w) {T=float, strides=[1,1,1,1], padding="SAME"}
            g = Const() {dtype=float, value=float[2]{1, 2}}
            n = FusedBatchNormV3(c, g, g, g, g) {T=float, U=float, is_training=true}
            y = Neg(n:1) {T=float}
            """));
        Assert.Equal("FusedBatchNormV3", after.Find(after.Find("y")!.Inputs[0].Node)!.Op);
    }

    [Fact]
    public void Sizes_that_are_computed_are_put_in_order_where_they_are() =>
        new TransformTest(new ToNchw()) { Outputs = ["y"] }.CheckSameResults(
            """
            x = Placeholder() {dtype=float, shape=(?,3,4,2)}
            w = Const() {dtype=float, value=float[3,3,3,2] values{0.1}}
            s = Shape(x) {T=float, out_type=int32}
            zero = Const() {dtype=int32, value=int32[1]{0}}
            one = Const() {dtype=int32, value=int32[1]{1}}
            n = StridedSlice(s, zero, one, one) {T=int32, Index=int32, shrink_axis_mask=1}
            h = Const() {dtype=int32, value=int32[] values{6}}
            v = Const() {dtype=int32, value=int32[] values{8}}
            k = Const() {dtype=int32, value=int32[] values{3}}
            sizes = Pack(n, h, v, k) {T=int32, N=4, axis=0}
            c = Conv2DBackpropInput(sizes, w, x) {T=float, strides=[1,2,2,1], padding="SAME"}
            y = Relu(c) {T=float}
            """,
            1e-5f, ("x", TransformTest.Numbers(2, 3, 4, 2)));

    [Fact]
    public void Blocks_of_channels_and_pixels_run_with_channels_first() =>
        new TransformTest(new ToNchw()) { Outputs = ["s", "y"] }.CheckSameResults(
            """
            x = Placeholder() {dtype=float, shape=(2,4,6,3)}
            w = Const() {dtype=float, value=float[1,1,3,8]{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23}}
            c = Conv2D(x, w) {T=float, strides=[1,1,1,1], padding="SAME"}
            s = SpaceToDepth(c) {T=float, block_size=2}
            y = DepthToSpace(c) {T=float, block_size=2}
            """,
            1e-5f, ("x", TransformTest.Numbers(2, 4, 6, 3)));

    [Fact]
    public void Constants_within_a_loop_run_in_its_frame()
    {
        Graph after = new TransformTest(new ToNchw()) { Outputs = ["y"] }.Apply(GraphText.Parse(
            """
            x = Placeholder() {dtype=float, shape=(1,4,4,2)}
            e = Enter(x) {T=float, frame_name="f"}
            w = Const(^e) {dtype=float, value=float[1,1,2,2] values{0.1}}
            b = Const(^e) {dtype=float, value=float[2]{1, 2}}
            c = Conv2D(e, w) {T=float, strides=[1,1,1,1], padding="SAME"}
            s = AddV2(c, b) {T=float}
            y = Exit(s) {T=float}
            """));
        TransformFramework.Toolkit.Graphs.LoopFrames.Of(after, out var mixed);
        Assert.Empty(mixed);
    }
}
