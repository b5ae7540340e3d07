using TransformFramework.Graphs;
using TransformFramework.Toolkit.Patterns;
using TransformFramework.Transforms;
using static TransformFramework.Toolkit.Patterns.Pattern;

namespace TransformFramework.Toolkit.Tests.Patterns;

/// <summary>What replacing leaves of the graph around a match. The rewrite is Neg(Neg(x)) → Identity(x), or what a case says.</summary>
public sealed class RewriteTests
{
    private static readonly Pattern Input = Any();
    private static readonly NodePattern Inner = Op("Neg", Input);
    private static readonly NodePattern Twice = Op("Neg", Inner);

    [Fact]
    public void Removes_inner_nodes_that_nothing_reads_and_keeps_the_heads_place() => Undo().Check(
        "out = Neg(n)\nx = Placeholder()\nn = Neg(x)",
        "out = Identity(x)\nx = Placeholder()");

    [Theory]
    [InlineData("y = Relu(n)")]
    [InlineData("y = Relu(x, ^n)")]
    public void Keeps_inner_nodes_that_others_read(string reader) => Undo().Check(
        $"x = Placeholder()\nn = Neg(x)\nout = Neg(n)\n{reader}",
        $"x = Placeholder()\nn = Neg(x)\nout = Identity(x)\n{reader}");

    [Fact]
    public void Keeps_inner_nodes_that_are_outputs() => Undo().Check(
        "x = Placeholder()\nout = Neg(x)\ny = Neg(out)",
        "x = Placeholder()\nout = Neg(x)\ny = Identity(x)");

    [Fact]
    public void Carries_control_inputs_of_what_goes() => Undo().Check(
        "x = Placeholder()\na = NoOp()\nb = NoOp()\nn = Neg(x, ^a)\nout = Neg(n, ^b, ^n)",
        "x = Placeholder()\na = NoOp()\nb = NoOp()\nout = Identity(x, ^b, ^a)");

    [Fact]
    public void Looks_again_until_nothing_is_left()
    {
        RewriteTest test = Undo();
        test.Check(
            "x = Placeholder()\na = Neg(x)\nb = Neg(a)\nc = Sin(b)\nd = Neg(c)\nout = Neg(d)",
            "x = Placeholder()\nb = Identity(x)\nc = Sin(b)\nout = Identity(c)");
        Assert.Equal(2, test.Statistics["matches rewritten"]);
    }

    [Fact]
    public void One_sweep_leaves_overlapping_matches() => new RewriteTest(Twice, Undone, repeats: false).Check(
        "x = Placeholder()\na = Neg(x)\nb = Neg(a)\nc = Neg(b)\nout = Neg(c)",
        "x = Placeholder()\nb = Identity(x)\nc = Neg(b)\nout = Neg(c)");

    [Fact]
    public void Declines_to_give_a_new_node_the_name_of_one_still_needed()
    {
        var test = new RewriteTest(Twice, match => match.Replace(new Node(match[Inner].Name, "Abs", match.Reference(Input)), new Node(match.Head.Name, "Sin", match[Inner].Name)));
        test.CheckUnchanged("x = Placeholder()\nn = Neg(x)\ny = Relu(n)\nout = Neg(n)");
        Assert.Contains("out: 'n' is still needed, so no other node can have its name", test.Explanations);
    }

    [Fact]
    public void A_new_node_can_take_the_name_of_a_removed_one() =>
        new RewriteTest(Twice, match => match.Replace(new Node(match[Inner].Name, "Abs", match.Reference(Input)), new Node(match.Head.Name, "Sin", match[Inner].Name))).Check(
            "x = Placeholder()\nn = Neg(x)\nout = Neg(n)",
            "x = Placeholder()\nn = Abs(x)\nout = Sin(n)");

    [Fact]
    public void Declines_to_lose_another_output_that_is_read()
    {
        var test = new RewriteTest(Op("Split", Input), match => match.Replace(new Node(match.Head.Name, "Identity", match.Reference(Input))));
        test.CheckUnchanged("x = Placeholder()\ns = Split(x)\nout = Neg(s:1)");
        Assert.Equal(["s: an output of 's' other than the first is read"], test.Explanations);
    }

    [Fact]
    public void Says_what_is_shared_and_what_is_an_output()
    {
        var seen = new List<(string, bool, bool)>();
        new RewriteTest(Twice, match =>
        {
            seen.Add((match[Inner].Name, match.IsShared(Inner), match.IsOutput(Inner)));
            return match.Skip("seen");
        }).Run("x = Placeholder()\na = Neg(x)\nout = Neg(a)\nc = Neg(out)");
        Assert.Equal([("a", false, false), ("out", true, true)], seen);
    }

    [Fact]
    public void A_replacement_without_the_heads_name_is_a_mistake_of_the_transform() =>
        Assert.Throws<ArgumentException>(() => new RewriteTest(Twice, match => match.Replace(new Node("other", "NoOp"))).Run("x = Placeholder()\nn = Neg(x)\nout = Neg(n)"));

    [Fact]
    public void A_rewrite_that_never_ends_is_an_error() =>
        Assert.Throws<TransformException>(() => new RewriteTest(Op("Neg", Input), match => match.Replace(match.Head)).Run("x = Placeholder()\nout = Neg(x)"));

    private static RewriteTest Undo() => new(Twice, Undone);

    private static Outcome Undone(Match match) => match.Replace(new Node(match.Head.Name, "Identity", match.Reference(Input)));
}
