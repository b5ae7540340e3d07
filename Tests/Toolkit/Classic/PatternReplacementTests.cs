using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;

namespace TransformFramework.Toolkit.Tests.Classic;

public sealed class PatternReplacementTests
{
    private const string Shared = "x = Placeholder()\nn = Neg(x)\ny = Abs(n)\nz = Sin(n)";
    private static readonly OpPattern AbsOfNegative = OpPattern.Of("Abs", "Neg");

    [Fact]
    public void Puts_the_new_nodes_at_the_heads_place() => Assert.Equal(
        "x = Placeholder()\ny = Fused(x)\nz = Sin(y)",
        Replace("x = Placeholder()\nn = Neg(x)\ny = Abs(n)\nz = Sin(y)", allowInconsistencies: false, out _));

    [Fact]
    public void Undoes_a_replacement_that_loses_a_name_with_readers()
    {
        Assert.Equal("x = Placeholder()\ny = Abs(n)\nn = Neg(x)\nz = Sin(n)", Replace(Shared, allowInconsistencies: false, out string? lost));
        Assert.Equal("n", lost);
    }

    [Fact]
    public void Inconsistencies_can_be_allowed() =>
        Assert.Equal("x = Placeholder()\ny = Fused(x)\nz = Sin(n)", Replace(Shared, allowInconsistencies: true, out _));

    [Fact]
    public void Says_which_nodes_read_and_are_read_outside()
    {
        PatternReplacement.Apply(GraphText.Parse(Shared), AbsOfNegative, site =>
        {
            Assert.Equal(["n"], site.InputNodes);
            Assert.Equal(["n"], site.OutputNodes);
            return site.Match.AllNodes();
        });
    }

    private static string Replace(string graph, bool allowInconsistencies, out string? lost)
    {
        string? found = null;
        Graph replaced = PatternReplacement.Apply(
            GraphText.Parse(graph), AbsOfNegative, site => [new(site.Match.Node.Name, "Fused", "x")], allowInconsistencies, (_, name) => found = name);
        lost = found;
        return GraphText.Print(replaced).Trim();
    }
}
