using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;

namespace TransformFramework.Toolkit.Tests.Classic;

public sealed class GraphMatcherTests
{
    private static readonly OpPattern Product = OpPattern.Of("Mul", OpPattern.Of("Conv2D|MatMul", "*", "Const"), "Const");

    [Theory]
    [InlineData("c = Conv2D(x, w)\ny = Mul(c, s)", "y c s x w")]
    [InlineData("c = MatMul(x, w, ^s)\ny = Mul(c, s, ^x)", "y c s x w")]
    [InlineData("c = MatMul(x, w)\ny = Mul(s, c)", "")]
    [InlineData("c = Conv2D(x, w, w)\ny = Mul(c, s)", "")]
    [InlineData("c = Conv2D(x)\ny = Mul(c, s)", "")]
    public void Matches_the_tree_in_order(string graph, string expected) => Assert.Equal(expected, Matches(graph, Product));

    [Fact]
    public void A_node_takes_part_in_one_match() =>
        Assert.Single(GraphMatcher.FindAll(GraphText.Parse("s = Const()\na = Neg(s)\nb = Neg(s)"), OpPattern.Of("Neg", "Const")));

    [Fact]
    public void Heads_are_tried_in_execution_order() =>
        Assert.Equal("b s", Matches("a = Neg(b)\nb = Neg(s)\ns = Const()", OpPattern.Of("Neg", "*")));

    [Fact]
    public void With_a_missing_producer_nothing_matches() =>
        Assert.Empty(GraphMatcher.FindAll(GraphText.Parse("s = Const()\na = Neg(gone)"), "Const"));

    [Fact]
    public void A_pattern_prints_as_it_is_written() => Assert.Equal("Mul(Conv2D|MatMul(*, Const), Const)", Product.ToString());

    private static string Matches(string graph, OpPattern pattern)
    {
        string inputs = graph.Contains("s = Const()", StringComparison.Ordinal) ? "" : "x = Placeholder()\nw = Const()\ns = Const()\n";
        return string.Join(" / ", GraphMatcher.FindAll(GraphText.Parse(inputs + graph), pattern).Select(match => string.Join(' ', match.AllNodes().Select(node => node.Name))));
    }
}
