using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;

namespace TransformFramework.Toolkit.Tests.Ops;

public sealed class OpDefaultsTests
{
    [Fact]
    public void Fills_an_absent_type() => Assert.Equal(
        GraphText.ParseNode("r = Range(a, b, c) {Tidx=int32}"),
        OpDefaults.Complete(GraphText.ParseNode("r = Range(a, b, c)")));

    [Fact]
    public void Fills_what_is_absent_and_keeps_what_is_there()
    {
        Node completed = OpDefaults.Complete(GraphText.ParseNode("p = Print(x) {T=float, summarize=7}"));
        Assert.Equal(GraphText.ParseNode("p = Print(x) {T=float, first_n=-1, message=\"\", summarize=7}"), completed);
    }

    [Theory]
    [InlineData("y = Relu(x) {T=float}")]
    [InlineData("y = NoSuchOp(x)")]
    public void A_complete_or_unknown_node_is_returned_itself(string text)
    {
        Node node = OpDefaults.Complete(GraphText.ParseNode(text));
        Assert.Same(node, OpDefaults.Complete(node));
        Assert.Equal("y", node.Name);
    }
}
