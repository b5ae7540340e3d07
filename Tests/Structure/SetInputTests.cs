using TransformFramework.Graphs;
using TransformFramework.Structure.Surgery;

namespace TransformFramework.Structure.Tests;

public sealed class SetInputTests
{
    [Fact]
    public void Type_and_shape_of_a_placeholder_are_set() =>
        new TransformTest(new SetInput(), new SetInput.Options { Name = "x", Type = DataType.Half, Shape = TensorShape.Of(1, 28) })
            .Check("x = Placeholder() {dtype=float, shape=(?,28)}\ny = Relu(x)", "x = Placeholder() {dtype=half, shape=(1,28)}\ny = Relu(x)");

    [Fact]
    public void What_is_not_given_stays() =>
        new TransformTest(new SetInput(), new SetInput.Options { Name = "x", Shape = TensorShape.Of(1, 28) })
            .Check("x = Placeholder() {dtype=float, shape=(?,28)}", "x = Placeholder() {dtype=float, shape=(1,28)}");

    [Fact]
    public void The_graph_is_cut_at_another_node() =>
        new TransformTest(new SetInput(), new SetInput.Options { Name = "d" })
            .Check("f = Const() {dtype=string, value=string[]{\"\"}}\nd = DecodeRaw(f) {out_type=int32}\ny = Neg(d)", "f = Const() {dtype=string, value=string[]{\"\"}}\nd = Placeholder() {dtype=int32, shape=(...)}\ny = Neg(d)");

    [Fact]
    public void A_name_that_no_node_has_is_an_error() =>
        Assert.Contains("no node 'z'", new TransformTest(new SetInput(), new SetInput.Options { Name = "z" }).Fails("x = Placeholder() {dtype=float}").Message, StringComparison.Ordinal);

    [Fact]
    public void A_type_that_a_reader_does_not_take_is_refused() =>
        Assert.Contains("'y' (Relu) reads 'x' as float, not as uint8", new TransformTest(new SetInput(), new SetInput.Options { Name = "x", Type = DataType.UInt8 }).Fails("x = Placeholder() {dtype=float}\ny = Relu(x) {T=float}").Message, StringComparison.Ordinal);

    [Fact]
    public void A_node_of_several_outputs_is_refused() =>
        Assert.Contains("several outputs", new TransformTest(new SetInput(), new SetInput.Options { Name = "t" }).Fails("x = Placeholder() {dtype=float}\nt = TopKV2(x, x) {T=float}\ny = Neg(t:1)").Message, StringComparison.Ordinal);
}
