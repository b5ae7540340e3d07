using TransformFramework.Graphs;
using TransformFramework.SavedModel.Freezing;

namespace TransformFramework.SavedModel.Tests;

/// <summary>Which control inputs order something, and so stay.</summary>
public sealed class EffectAnalysisTests
{
    private const string Input = "x = Placeholder() {dtype=float, shape=()}\n";

    private const string Called =
        """
        f = StatefulPartitionedCall(x) {f=@outer, Tin=[float], Tout=[float]}
        y = Identity(x, ^f) {T=float}
        function outer {
          input v {type=float}
          output o {type=float}
          inner = StatefulPartitionedCall(v) {f=@inner, Tin=[float], Tout=[float]}
          return o = inner:output:0
        }
        function inner {
          input v {type=float}
          output o {type=float}
          p = BODY
          return o = p:output:0
        }
        """;

    private const string Table =
        """
        k = Const() {dtype=string, value=string[1]{"a"}}
        v = Const() {dtype=int64, value=int64[1]{5}}
        d = Const() {dtype=int64, value=int64[]{-1}}
        t = HashTableV2() {key_dtype=string, value_dtype=int64}
        i = InitializeTableV2(t, k, v) {Tkey=string, Tval=int64}
        l = LookupTableFindV2(t, k, d, ^i) {Tin=string, Tout=int64}

        """;

    /// <summary>What the control input's node has to do with an effect, and whether the input stays.</summary>
    [Theory]
    [InlineData("a = Neg(x) {T=float}\ny = Identity(x, ^a) {T=float}", false)]
    [InlineData("a = NoOp()\ny = Identity(x, ^a) {T=float}", false)]
    [InlineData("a = Print(x, x) {T=float, U=[float]}\ny = Identity(x, ^a) {T=float}", true)]
    [InlineData("c = Const() {dtype=bool, value=bool[]{true}}\na = Assert(c, x) {T=[float], summarize=3}\ny = Identity(x, ^a) {T=float}", true)]
    [InlineData("a = SomePluginsOp(x)\ny = Identity(x, ^a) {T=float}", true)]
    [InlineData("p = Print(x, x) {T=float, U=[float]}\na = Neg(p) {T=float}\ny = Identity(x, ^a) {T=float}", true)]
    [InlineData("p = Print(x, x) {T=float, U=[float]}\na = NoOp(^p)\ny = Identity(x, ^a) {T=float}", true)]
    [InlineData("c = Placeholder() {dtype=bool, shape=()}\ns = Switch(x, c) {T=float}\na = Identity(s:1) {T=float}\ny = Const(^a) {dtype=float, value=float[]{1}}", true)]
    public void A_control_input_stays_where_it_waits_for_an_effect_or_a_branch(string graph, bool stays) => Assert.Equal(stays, Applied(Input + graph, "y").Find("y")!.Inputs.Any(input => input.IsControl));

    [Theory]
    [InlineData("Identity(v) {T=float}", false)]
    [InlineData("Print(v, v) {T=float, U=[float]}", true)]
    public void A_call_has_the_effects_of_the_functions_that_it_reaches(string body, bool stays) =>
        Assert.Equal(stays, Applied(Input + Called.Replace("BODY", body, StringComparison.Ordinal), "y").Find("y")!.Inputs.Any(input => input.IsControl));

    [Fact]
    public void Of_several_control_inputs_those_that_wait_stay() =>
        Assert.Equal("y = Identity(x, ^p)", Applied(Input + "p = Print(x, x) {T=float, U=[float]}\na = Neg(x) {T=float}\ny = Identity(x, ^a, ^p) {T=float}", "y").Find("y")!.ToString());

    [Fact]
    public void What_only_a_control_input_kept_is_gone() => Assert.Equal(["x", "y"], Applied(Input + "a = Neg(x) {T=float}\ny = Identity(x, ^a) {T=float}", "y").Nodes.Select(node => node.Name));

    [Fact]
    public void A_look_up_waits_for_what_fills_its_table_and_what_waits_for_the_look_up_does_not()
    {
        Graph ordered = Applied(Input + Table + "y = Identity(x, ^l) {T=float}", "l", "y");
        Assert.Equal("l = LookupTableFindV2(t, k, d, ^i)", ordered.Find("l")!.ToString());
        Assert.Equal("y = Identity(x)", ordered.Find("y")!.ToString());
    }

    private static Graph Applied(string text, params string[] kept) => EffectAnalysis.Apply(GraphText.Parse(text), kept);
}
