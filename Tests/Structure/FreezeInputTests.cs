using TransformFramework.Graphs;
using TransformFramework.Structure.Surgery;

namespace TransformFramework.Structure.Tests;

public sealed class FreezeInputTests
{
    private const string Phases =
        """
        x = Placeholder() {dtype=float, shape=(2)}
        is_training = Placeholder() {dtype=bool, shape=()}
        not = LogicalNot(is_training)
        s = Switch(x, not) {T=float}
        train = Neg(s) {T=float}
        serve = Exp(s:1) {T=float}
        m = Merge(train, serve) {T=float, N=2}
        y = Relu(m) {T=float}

        """;

    [Fact]
    public void The_branch_that_is_never_taken_goes()
    {
        var test = new TransformTest(new FreezeInput(), new FreezeInput.Options { Name = "is_training", Value = "false" }) { Outputs = ["y"] };
        test.Check(Phases, "x = Placeholder() {dtype=float, shape=(2)}\nserve = Exp(x) {T=float}\nm = Identity(serve) {T=float}\ny = Relu(m) {T=float}");
        Assert.Equal(4, test.Context.Statistics["nodes removed"]);
    }

    [Theory]
    [InlineData("true", "train")]
    [InlineData("false", "serve")]
    public void Merge_knows_which_input_came(string value, string branch)
    {
        Graph frozen = new TransformTest(new FreezeInput(), new FreezeInput.Options { Name = "is_training", Value = value }) { Outputs = ["i", "y"] }.Apply(GraphText.Parse(Phases + "i = Identity(m:1) {T=int32}"));
        Assert.Equal(branch == "train" ? 0 : 1, frozen.Find(frozen.Find("i")!.Inputs[0].Node)!.TensorAttribute("value")!.AsSpan<int>()[0]);
    }

    [Fact]
    public void Dropout_that_keeps_everything_goes()
    {
        const string Dropout =
            """
            x = Placeholder() {dtype=float, shape=(2)}
            keep = Placeholder() {dtype=float}
            shape = Shape(x) {T=float, out_type=int32}
            zero = Const() {dtype=float, value=float[] values{0}}
            one = Const() {dtype=float, value=float[] values{1}}
            u = RandomUniform(shape) {dtype=float, T=int32}
            range = Sub(one, zero) {T=float}
            scaled = Mul(u, range) {T=float}
            r = Add(scaled, zero) {T=float}
            sum = Add(keep, r) {T=float}
            mask = Floor(sum) {T=float}
            div = RealDiv(x, keep) {T=float}
            dropped = Mul(div, mask) {T=float}
            y = Neg(dropped) {T=float}
            """;
        new TransformTest(new FreezeInput(), new FreezeInput.Options { Name = "keep", Value = "1" }) { Outputs = ["y"] }
            .Check(Dropout, "x = Placeholder() {dtype=float, shape=(2)}\ndiv = Identity(x) {T=float}\ndropped = Identity(div) {T=float}\ny = Neg(dropped) {T=float}");
        Graph half = new TransformTest(new FreezeInput(), new FreezeInput.Options { Name = "keep", Value = "0.5" }) { Outputs = ["y"] }.Apply(GraphText.Parse(Dropout));
        Assert.Equal("Mul", half.Find("dropped")!.Op);
    }

    [Fact]
    public void A_functional_branch_becomes_a_call()
    {
        string result = new TransformTest(new FreezeInput(), new FreezeInput.Options { Name = "p", Value = "true" }) { Outputs = ["y"] }
            .Run("x = Placeholder() {dtype=float}\np = Placeholder() {dtype=bool}\ny = StatelessIf(p, x) {Tcond=bool, Tin=[float], Tout=[float], then_branch=@a, else_branch=@b}");
        Assert.Contains("y = PartitionedCall(x) {Tin=[float], Tout=[float], f=@a}", result, StringComparison.Ordinal);
    }

    [Fact]
    public void A_loop_stays_with_its_Merge()
    {
        const string Looping = "x = Placeholder() {dtype=float}\np = Placeholder() {dtype=bool}\ne = Enter(x) {T=float, frame_name=\"f\"}\nm = Merge(e, n) {T=float, N=2}\nc = LoopCond(p)\ns = Switch(m, c) {T=float}\nn = NextIteration(s:1) {T=float}\ny = Exit(s) {T=float}";
        Graph kept = new TransformTest(new FreezeInput(), new FreezeInput.Options { Name = "p", Value = "true" }) { Outputs = ["y"] }.Apply(GraphText.Parse(Looping));
        Assert.Equal("Merge", kept.Find("m")!.Op);
    }

    [Theory]
    [InlineData("z", "1", "no node 'z'")]
    [InlineData("y", "1", "is no placeholder")]
    [InlineData("is_training", "maybe", "'maybe' is no bool")]
    [InlineData("x", "1,2,3", "has 3 elements")]
    public void Wrong_names_and_values_are_errors(string name, string value, string message) =>
        Assert.Contains(message, new TransformTest(new FreezeInput(), new FreezeInput.Options { Name = name, Value = value }) { Outputs = ["y"] }.Fails(Phases).Message, StringComparison.Ordinal);

    [Fact]
    public void One_element_fills_a_known_shape() =>
        Assert.Equal(TensorShape.Of(2), new TransformTest(new FreezeInput(), new FreezeInput.Options { Name = "x", Value = "0.5" }).Apply(GraphText.Parse("x = Placeholder() {dtype=float, shape=(2)}\ny = Neg(x)")).Find("x")!.TensorAttribute("value")!.Shape);

    [Theory]
    [InlineData("(2)", "Identity")]
    [InlineData("()", "SelectV2")]
    public void A_side_that_is_broadcast_to_the_other_stays(string shape, string op)
    {
        string graph = $"x = Placeholder() {{dtype=float, shape={shape}}}\nz = Placeholder() {{dtype=float, shape=(2)}}\nt = Placeholder() {{dtype=bool, shape=()}}\ny = SelectV2(t, x, z) {{T=float}}";
        Assert.Equal(op, new TransformTest(new FreezeInput(), new FreezeInput.Options { Name = "t", Value = "true" }) { Outputs = ["y"] }.Apply(GraphText.Parse(graph)).Find("y")!.Op);
    }

    [Fact]
    public void A_value_is_rounded_to_the_nearest_bfloat16() =>
        Assert.Equal([0xCD, 0x3D], new TransformTest(new FreezeInput(), new FreezeInput.Options { Name = "x", Value = "0.1" }) { Outputs = ["x"] }.Apply(GraphText.Parse("x = Placeholder() {dtype=bfloat16, shape=()}")).Find("x")!.TensorAttribute("value")!.Bytes.ToArray());
}
