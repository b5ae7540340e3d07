using TransformFramework.Diagnostics;
using TransformFramework.Transforms;

namespace TransformFramework.Structure.Tests;

public sealed class MergeDuplicateNodesTests
{
    [Fact]
    public void Merges_equal_nodes_until_none_are_equal()
    {
        var test = new TransformTest(new MergeDuplicateNodes()) { Outputs = ["y"] };
        string merged = test.Run("x = Abs()\na = Relu(x)\nb = Relu(x:0)\nc = Neg(a)\nd = Neg(b)\ny = Add(c, d)");
        Assert.Equal(4, merged.Split('\n').Length);
        Assert.Equal(2, test.Context.Statistics["nodes merged"]);
    }

    [Theory]
    [InlineData("a = Placeholder() {dtype=float}\nb = Placeholder() {dtype=float}", 2, 1)]
    [InlineData("x = Abs()\na = Enter(x) {frame_name=\"f\"}\nb = Enter(x) {frame_name=\"g\"}\nc = Const(^a) {dtype=float}\nd = Const(^b) {dtype=float}", 5, 5)]
    [InlineData("a = RandomUniform()\nb = RandomUniform()", 2, 2)]
    [InlineData("p = Const() {dtype=int32}\nq = Const() {dtype=int32}", 1, 1)]
    public void Leaves_what_is_not_the_same(string graph, int safe, int verbatim)
    {
        Assert.Equal(safe, new TransformTest(new MergeDuplicateNodes()).Run(graph).Split('\n').Length);
        Assert.Equal(verbatim, new TransformTest(new MergeDuplicateNodes()) { Mode = TransformMode.Verbatim }.Run(graph).Split('\n').Length);
    }

    [Fact]
    public void Refuses_an_unknown_op_in_verbatim_mode()
    {
        var error = new TransformTest(new MergeDuplicateNodes()) { Mode = TransformMode.Verbatim }.Fails(
            """
            x = NoSuchOp()
            """);
        Assert.Equal(StatusKind.NotFound, error.Kind);
        Assert.Contains("Op type not registered", error.Message, StringComparison.Ordinal);
    }
}
