using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;

namespace TransformFramework.Toolkit.Tests.Classic;

public sealed class ExecutionOrderTests
{
    [Theory]
    [InlineData("add = Add(a, b)\nb = Const()\na = Const()", "a b add")]
    [InlineData("r1 = Const()\nr2 = Const()\nc1 = Neg(r1)\nc2 = Neg(r2)", "r2 c2 r1 c1")]
    [InlineData("x = Const()\ny = Mul(x, x, ^x)", "x y")]
    [InlineData("e = Enter(x)\nx = Const()\nm = Merge(e, n)\nn = NextIteration(m)", "x e m n")]
    public void Ready_nodes_are_taken_from_a_stack(string graph, string order) => Assert.Equal(order, Names(graph, out _));

    [Fact]
    public void A_cycle_leaves_the_nodes_before_it()
    {
        Assert.Equal("x", Names("x = Const()\na = Add(x, b)\nb = Neg(a)\nc = Neg(b)", out string? error));
        Assert.Equal("3 nodes in a cycle", error);
    }

    [Theory]
    [InlineData("y = Neg(x:1)", "Node 'y': Unknown input node 'x'")]
    [InlineData("y = Neg(^x)", "Node 'y': Unknown input node '^x'")]
    public void A_missing_producer_is_named(string graph, string message)
    {
        Assert.Equal("", Names(graph, out string? error));
        Assert.Equal(message, error);
    }

    private static string Names(string graph, out string? error)
    {
        var (nodes, failure) = ExecutionOrder.Sort(GraphText.Parse(graph));
        error = failure?.Message;
        return string.Join(' ', nodes.Select(node => node.Name));
    }
}
