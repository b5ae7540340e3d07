using TransformFramework.Graphs;
using TransformFramework.Toolkit.Patterns;
using static TransformFramework.Toolkit.Patterns.Pattern;

namespace TransformFramework.Toolkit.Tests.Patterns;

/// <summary>What patterns match, shown by the names that their captures stand for.</summary>
public sealed class PatternTests
{
    private const string ScaledConvolution =
        """
        x = Placeholder()
        w = Const() {value=float[2]{1, 2}}
        w/read = Identity(w)
        conv = Conv2D(x, w/read)
        s = Const() {value=float[2]{3, 4}}
        out = Mul(conv, s)
        """;

    private static readonly Pattern Input = Any();
    private static readonly NodePattern Weights = Constant();
    private static readonly NodePattern Scale = Constant();
    private static readonly NodePattern Conv = Op("Conv2D|DepthwiseConv2dNative");

    [Fact]
    public void Captures_stand_for_the_nodes_of_the_tree()
    {
        Match match = Only(Op("Mul", Conv.Of(Input, Weights.Through()), Scale), ScaledConvolution);
        Assert.Equal(["x", "w", "s", "conv", "out"], new[] { match[Input], match[Weights], match[Scale], match[Conv], match.Head }.Select(node => node.Name));
        Assert.Equal([3f, 4f], match.Tensor(Scale).AsSpan<float>().ToArray());
        Assert.Equal(["out", "conv", "w/read", "w", "s"], match.Inner.Select(node => node.Name));
    }

    [Fact]
    public void Passing_through_is_optional() =>
        Assert.Equal("s", Only(Op("Mul", Any(), Scale.Through()), ScaledConvolution)[Scale].Name);

    [Theory]
    [InlineData("out = Mul(x, s)")]
    [InlineData("out = Mul(s, x)")]
    public void Inputs_in_any_order(string product) =>
        Assert.Equal("s", Only(Op("Mul", Op("Placeholder"), Scale).InAnyOrder(), $"x = Placeholder()\ns = Const() {{value=float[]{{3}}}}\n{product}")[Scale].Name);

    [Fact]
    public void Any_order_goes_back_over_choices_of_inner_nodes()
    {
        NodePattern inner = Op("Add", Any(), Scale).InAnyOrder();
        Match match = Only(
            Op("Mul", Any(), inner).InAnyOrder(),
            "x = Placeholder()\ns = Const() {value=float[]{3}}\na = Add(s, x)\nb = Add(x, x)\nout = Mul(a, b)");
        Assert.Equal("a", match[inner].Name);
    }

    [Fact]
    public void One_capture_stands_for_one_tensor()
    {
        NodePattern square = Op("Mul", Input, Input);
        Assert.Equal("x", Only(square, "x = Placeholder()\nout = Mul(x, x:0)")[Input].Name);
        Assert.Empty(All(square, "x = Split()\nout = Mul(x, x:1)"));
    }

    [Fact]
    public void Alternatives_say_which_was_taken()
    {
        NodePattern relu = Op("Relu");
        NodePattern relu6 = Op("Relu6");
        Match match = Only(Op("Neg", Either(relu, relu6)), "x = Placeholder()\nr = Relu6(x)\nout = Neg(r)");
        Assert.True(match.Has(relu6));
        Assert.False(match.Has(relu));
        Assert.Throws<KeyNotFoundException>(() => match[relu]);
    }

    [Theory]
    [InlineData("out = Neg(s:1)", 1)]
    [InlineData("out = Neg(s)", 0)]
    public void An_output_is_matched_by_its_number(string reader, int matches) =>
        Assert.Equal(matches, All(Op("Neg", Op("Split").At(1)), $"s = Split()\n{reader}").Count);

    [Fact]
    public void Control_inputs_do_not_count_as_inputs() =>
        Assert.Equal("x", Only(Op("Neg", Input), "x = Placeholder()\nout = Neg(x, ^x)")[Input].Name);

    [Theory]
    [InlineData("Mul(Conv2D|DepthwiseConv2dNative(*, Const through Identity), Const)")]
    public void Prints_as_it_is_written(string text) => Assert.Equal(text, Op("Mul", Conv.Of(Input, Weights.Through()), Scale).ToString());

    private static Match Only(NodePattern pattern, string graph) => Assert.Single(All(pattern, graph));

    private static List<Match> All(NodePattern pattern, string graph)
    {
        var matches = new List<Match>();
        new RewriteTest(pattern, match =>
        {
            matches.Add(match);
            return match.Skip("seen");
        }).Run(graph);
        return matches;
    }
}
