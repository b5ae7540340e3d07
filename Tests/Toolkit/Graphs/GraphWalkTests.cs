using TransformFramework.Graphs;
using TransformFramework.Toolkit.Graphs;

namespace TransformFramework.Toolkit.Tests.Graphs;

public sealed class GraphWalkTests
{
    private static readonly Graph Graph = GraphText.Parse("""
        x = Placeholder() {dtype=float}
        y = Placeholder() {dtype=float}
        a = Relu(x)
        b = Add(a, y)
        c = Split(b)
        d = Neg(c:1, ^y)
        e = Exp(a)
        """);

    [Theory]
    [InlineData("a", "", "a x")]
    [InlineData("d", "", "a b c d x y")]
    [InlineData("d", "a", "b c d y")]
    [InlineData("d", "c:1", "d y")]
    [InlineData("e d:0", "b", "a c d e x y")]
    [InlineData("^d", "", "a b c d x y")]
    [InlineData("none", "", "")]
    public void Upstream_are_the_nodes_that_tensors_need(string tensors, string ends, string expected)
    {
        string[] end = ends.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var found = Graph.Upstream(tensors.Split(' ').Select(tensor => new NodeInput(tensor)), input => end.Contains(input.Text));
        Assert.Equal(expected, string.Join(' ', found.Select(node => node.Name).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void Upstream_ends_in_a_cycle()
    {
        Graph cyclic = GraphText.Parse("a = Neg(b)\nb = Neg(a)");
        Assert.Equal(2, cyclic.Upstream([new NodeInput("a")]).Count);
        Assert.Equal(2, cyclic.Downstream([cyclic.Nodes[0]]).Count);
    }

    [Fact]
    public void What_tensors_need_stays_in_the_graphs_order() => Assert.Equal(["x", "y", "a", "b", "c"], Graph.NeededBy(["c:1"]).Nodes.Select(node => node.Name));

    [Theory]
    [InlineData("y", "", "b c d y")]
    [InlineData("a", "", "a b c d e")]
    [InlineData("a", "Add", "a e")]
    [InlineData("d", "", "d")]
    public void Downstream_are_the_nodes_that_are_computed_from_some(string from, string stop, string expected)
    {
        var found = Graph.Downstream([Graph.Find(from)!], consumer => consumer.Node.Op != stop);
        Assert.Equal(expected, string.Join(' ', found.Order(StringComparer.Ordinal)));
    }
}
