using TransformFramework.Graphs;
using TransformFramework.Structure.ControlFlow;

namespace TransformFramework.Structure.Tests;

public sealed class LowerControlFlowTests
{
    private const string Branches =
        """
        function negated {
          input a {type=float}
          output o {type=float}
          n = Neg(a) {T=float}
          return o = n:y:0
        }
        function ten {
          input a {type=float}
          output o {type=float}
          c = Const() {dtype=float, value=float[2] values{10}}
          return o = c:output:0
        }
        function same {
          input a {type=float}
          output o {type=float}
          return o = a
        }
        x = Placeholder() {dtype=float, shape=(2)}

        """;

    internal const string Loop =
        """
        function below {
          input i {type=int32}
          input v {type=float}
          input step {type=float}
          output o {type=bool}
          limit = Const() {dtype=int32, value=int32[] values{4}}
          l = Less(i, limit:output:0) {T=int32}
          return o = l:z:0
        }
        function turn {
          input i {type=int32}
          input v {type=float}
          input step {type=float}
          output i2 {type=int32}
          output v2 {type=float}
          output s2 {type=float}
          one = Const() {dtype=int32, value=int32[] values{1}}
          n = AddV2(i, one:output:0) {T=int32}
          call = PartitionedCall(v, step) {f=@grown, Tin=[float, float], Tout=[float]}
          return i2 = n:z:0
          return v2 = call:output:0
          return s2 = step
        }
        function grown {
          input v {type=float}
          input step {type=float}
          output o {type=float}
          two = Const() {dtype=float, value=float[] values{2}}
          d = Mul(v, two:output:0) {T=float}
          s = AddV2(d:z:0, step) {T=float}
          return o = s:z:0
        }
        x = Placeholder() {dtype=float, shape=(2)}
        zero = Const() {dtype=int32, value=int32[] values{0}}
        half = Const() {dtype=float, value=float[] values{0.5}}
        loop = While(zero, x, half) {T=[int32, float, float], cond=@below, body=@turn, output_shapes=[(), (2), ()]}
        y = Identity(loop:1) {T=float}
        count = Identity(loop) {T=int32}

        """;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_If_becomes_Switch_and_Merge(bool chosen)
    {
        string graph = Branches + "p = Placeholder() {dtype=bool, shape=()}\nb = If(p, x) {Tcond=bool, Tin=[float], Tout=[float], then_branch=@negated, else_branch=@ten}\ny = Identity(b) {T=float}";
        Graph lowered = Lowering("y").CheckSameResults(graph, 0, ("x", TransformTest.Numbers(2)), ("p", Tensor.Create<bool>(DataType.Bool, TensorShape.Scalar, [chosen])));
        Assert.DoesNotContain(lowered.Nodes, node => node.Op == "If");
        Assert.Equal(2, lowered.Nodes.Count(node => node.Op == "Merge"));
        Assert.True(lowered.Functions.IsEmpty);
        Assert.Equal("Identity", lowered.Find("b")!.Op);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void A_Case_takes_its_last_branch_for_numbers_out_of_range(int chosen)
    {
        string graph = Branches + "p = Placeholder() {dtype=int32, shape=()}\nb = Case(p, x) {Tin=[float], Tout=[float], branches=[@negated, @ten, @same]}\ny = Identity(b) {T=float}";
        Lowering("y").CheckSameResults(graph, 0, ("x", TransformTest.Numbers(2)), ("p", Tensor.Scalar(chosen)));
    }

    [Fact]
    public void A_number_is_a_condition()
    {
        string graph = Branches + "p = Placeholder() {dtype=float, shape=()}\nb = StatelessIf(p, x) {Tcond=float, Tin=[float], Tout=[float], then_branch=@negated, else_branch=@same}\ny = Identity(b) {T=float}";
        Lowering("y").CheckSameResults(graph, 0, ("x", TransformTest.Numbers(2)), ("p", Tensor.Scalar(0.5f)));
    }

    [Fact]
    public void A_While_becomes_a_frame_with_one_Enter_for_what_stays_the_same()
    {
        Graph lowered = Lowering("y", "count").CheckSameResults(Loop, 0, ("x", TransformTest.Numbers(2)));
        Assert.Equal(3, lowered.Nodes.Count(node => node.Op == "Enter"));
        Assert.Equal(2, lowered.Nodes.Count(node => node.Op == "NextIteration"));
        Assert.True(lowered.Functions.IsEmpty);
    }

    [Fact]
    public void A_branch_in_a_loop_belongs_to_its_frame()
    {
        string graph = Loop.Replace("d = Mul(v, two:output:0) {T=float}", "big = Greater(step, two:output:0) {T=float}\n  d = If(big:z:0, v) {Tcond=bool, Tin=[float], Tout=[float], then_branch=@ten, else_branch=@negated}", StringComparison.Ordinal)
            .Replace("d:z:0", "d:output:0", StringComparison.Ordinal);
        Lowering("y").CheckSameResults(Branches[..Branches.IndexOf("x =", StringComparison.Ordinal)] + graph, 0, ("x", TransformTest.Numbers(2)));
    }

    [Fact]
    public void A_function_that_calls_itself_in_a_branch_is_an_error()
    {
        const string Recursive = "function f {\n  input a {type=bool}\n  output o {type=bool}\n  r = If(a, a) {Tcond=bool, Tin=[bool], Tout=[bool], then_branch=@f, else_branch=@f}\n  return o = r:output:0\n}\nx = Placeholder() {dtype=bool}\ny = If(x, x) {Tcond=bool, Tin=[bool], Tout=[bool], then_branch=@f, else_branch=@f}";
        Assert.Contains("more than 500", new TransformTest(new LowerControlFlow(), new LowerControlFlow.Options { MaxNodes = 500 }) { Outputs = ["y"] }.Fails(Recursive).Message, StringComparison.Ordinal);
    }

    private static TransformTest Lowering(params string[] outputs) => new(new LowerControlFlow(), new LowerControlFlow.Options()) { Outputs = [.. outputs] };
}
