using TransformFramework.Graphs;
using TransformFramework.Testing;

namespace MyPlugin.Tests;

public sealed class RemoveDoubleNegationTests
{
    private const string Twice = """
        x = Placeholder() {dtype=float, shape=(2,3)}
        n = Neg(x) {T=float}
        y = Neg(n) {T=float}
        """;

    [Fact]
    public void Two_negations_become_none() => TransformTest.Rewrites(new RemoveDoubleNegation(), Twice, """
        x = Placeholder() {dtype=float, shape=(2,3)}
        y = Identity(x) {T=float}
        """, new() { Outputs = ["y"] });

    [Fact]
    public void The_graph_computes_the_same() => Assert.Equal(0, TransformTest.Check(new RemoveDoubleNegation(), GraphText.Parse(Twice)).LargestDifference);
}
