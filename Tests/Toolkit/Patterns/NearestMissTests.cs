using TransformFramework.Graphs;
using TransformFramework.Toolkit.Patterns;
using static TransformFramework.Toolkit.Patterns.Pattern;

namespace TransformFramework.Toolkit.Tests.Patterns;

/// <summary>What <c>--explain</c> says about heads that the pattern's op fits and the pattern does not.</summary>
public sealed class NearestMissTests
{
    private static readonly NodePattern Convolution = Op("Conv2D").Where(node => node.TypeAttribute("T") == DataType.Float, "is not float");
    private static readonly NodePattern Product = Op("Mul", Convolution.Of(Any(), Constant()), Constant()).InAnyOrder();

    [Theory]
    [InlineData("out = Mul(x, s)", "'x' is Placeholder, not Conv2D")]
    [InlineData("c = Conv2D(x, x) {T=float}\nout = Mul(c, s)", "'x' is Placeholder, not Const")]
    [InlineData("c = Conv2D(x, s) {T=half}\nout = Mul(c, s)", "'c' is not float")]
    [InlineData("c = Conv2D(x, s, s) {T=float}\nout = Mul(s, c)", "'c' has 3 inputs, not 2")]
    [InlineData("c = Conv2D(x, s) {T=float}\nout = Mul(c:1, s)", "'c:1' is output 1 of its node, not 0")]
    [InlineData("c = Conv2D(gone, s) {T=float}\nout = Mul(c, s)", "'gone' is not in the graph")]
    [InlineData("c = Conv2D(x, s) {T=float}\nout = Mul(c, x)", "'x' is Placeholder, not Const")]
    [InlineData("c = Conv2D(x, s) {T=float}\ne = Const() {dtype=float}\nout = Mul(c, e)", "'e' holds no readable tensor")]
    public void Names_the_node_that_did_not_fit_and_why(string graph, string reason)
    {
        var test = new RewriteTest(Product, match => match.Skip("matched"));
        test.Run($"x = Placeholder()\ns = Const() {{value=float[]{{3}}}}\n{graph}");
        Assert.Contains($"out: {reason}", test.Explanations);
    }

    [Fact]
    public void Two_uses_of_one_capture_on_different_tensors()
    {
        Pattern same = Any();
        var test = new RewriteTest(Op("Mul", same, same), match => match.Skip("matched"));
        test.Run("x = Placeholder()\ny = Placeholder()\nout = Mul(x, y)");
        Assert.Equal(["out: 'x' and 'y' are not the same tensor"], test.Explanations);
    }

    [Fact]
    public void Heads_of_other_ops_are_no_near_misses()
    {
        var test = new RewriteTest(Product, match => match.Skip("matched"));
        test.Run("x = Placeholder()\nout = Add(x, x)");
        Assert.Empty(test.Explanations);
    }

    [Fact]
    public void A_declined_match_gives_the_rewrites_reason()
    {
        var test = new RewriteTest(Op("Neg", Any()), match => match.Skip("it is Tuesday"));
        test.Run("x = Placeholder()\nout = Neg(x)");
        Assert.Equal(["out: it is Tuesday"], test.Explanations);
    }
}
