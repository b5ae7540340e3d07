using TransformFramework.Structure.ControlFlow;
using TransformFramework.Transforms;

namespace TransformFramework.Structure.Tests;

public sealed class InlineFunctionsTests
{
    private const string Library =
        """
        function twice {
          input a {type=float}
          output o {type=float}
          l = PartitionedCall(a) {f=@add_one, Tin=[float], Tout=[float]}
          r = PartitionedCall(l:output:0) {f=@add_one, Tin=[float], Tout=[float]}
          return o = r:output:0
        }
        function add_one {
          input a {type=float}
          output o {type=float}
          one = Const() {dtype=float, value=float[] values{1}}
          s = AddV2(a, one:output:0) {T=float}
          return o = s:z:0
        }
        x = Placeholder() {dtype=float, shape=(2)}

        """;

    [Fact]
    public void Calls_at_every_depth_are_inlined_and_the_library_goes()
    {
        var test = new TransformTest(new InlineFunctions(), new InlineFunctions.Options()) { Outputs = ["y"] };
        test.Check(
            Library + "c = StatefulPartitionedCall(x) {f=@twice, Tin=[float], Tout=[float]}\ny = Neg(c) {T=float}",
            """
            x = Placeholder() {dtype=float, shape=(2)}
            c/l/one = Const() {dtype=float, value=float[] values{1}}
            c/l/s = AddV2(x, c/l/one) {T=float}
            c/r/one = Const() {dtype=float, value=float[] values{1}}
            c/r/s = AddV2(c/l/s, c/r/one) {T=float}
            y = Neg(c/r/s) {T=float}
            """);
        Assert.Equal(3, test.Context.Statistics["calls inlined"]);
    }

    [Theory]
    [InlineData("c", "c = Identity(c/r/s) {T=float}")]
    [InlineData("c:1", "c = IdentityN(")]
    public void An_output_that_is_a_call_s_keeps_its_name(string output, string expected)
    {
        string library = output == "c" ? Library : Library.Replace("output o {type=float}\n  l =", "output o {type=float}\n  output p {type=float}\n  l =", StringComparison.Ordinal).Replace("return o = r:output:0", "return o = r:output:0\n  return p = a", StringComparison.Ordinal);
        var test = new TransformTest(new InlineFunctions(), new InlineFunctions.Options()) { Outputs = [output] };
        Assert.Contains(expected, test.Run(library + "c = StatefulPartitionedCall(x) {f=@twice, Tin=[float], Tout=[float, float]}"), StringComparison.Ordinal);
        test.CheckSameResults(library + "c = StatefulPartitionedCall(x) {f=@twice, Tin=[float], Tout=[float, float]}", 0, ("x", TransformTest.Numbers(2)));
    }

    [Fact]
    public void More_nodes_than_allowed_are_an_error_that_says_how_many()
    {
        TransformException error = new TransformTest(new InlineFunctions(), new InlineFunctions.Options { MaxNodes = 4 }).Fails(Library + "c = PartitionedCall(x) {f=@twice}\nd = PartitionedCall(c) {f=@twice}");
        Assert.Contains("9 nodes, more than 4", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Doubling_at_each_depth_is_counted_without_being_built()
    {
        var text = new System.Text.StringBuilder();
        for (int i = 0; i < 70; i++)
            text.Append($"function f{i} {{\n  input a {{type=float}}\n  output o {{type=float}}\n  l = PartitionedCall(a) {{f=@f{i + 1}}}\n  r = PartitionedCall(l:output:0) {{f=@f{i + 1}}}\n  return o = r:output:0\n}}\n");
        text.Append("function f70 {\n  input a {type=float}\n  output o {type=float}\n  n = Neg(a)\n  return o = n:y:0\n}\nx = Placeholder()\nc = PartitionedCall(x) {f=@f0}");
        Assert.Contains("more nodes than can be counted", new TransformTest(new InlineFunctions(), new InlineFunctions.Options()).Fails(text.ToString()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_thousand_nested_functions_are_inlined_with_short_names()
    {
        var text = new System.Text.StringBuilder();
        for (int i = 0; i < 1000; i++)
            text.Append($"function f{i} {{\n  input a {{type=float}}\n  output o {{type=float}}\n  PartitionedCall = PartitionedCall(a) {{f=@f{i + 1}}}\n  return o = PartitionedCall:output:0\n}}\n");
        text.Append("function f1000 {\n  input a {type=float}\n  output o {type=float}\n  n = Neg(a)\n  return o = n:y:0\n}\nx = Placeholder()\nc = PartitionedCall(x) {f=@f0}\ny = Neg(c)");
        string result = new TransformTest(new InlineFunctions(), new InlineFunctions.Options()) { Outputs = ["y"] }.Run(text.ToString());
        Assert.All(result.Split('\n'), line => Assert.InRange(line.Length, 0, 400));
    }

    [Fact]
    public void A_function_that_calls_itself_is_named()
    {
        const string Recursive = "function g {\n  input a {type=float}\n  output o {type=float}\n  r = PartitionedCall(a) {f=@g}\n  return o = r:output:0\n}\nx = Abs()\nk = PartitionedCall(x) {f=@g}";
        Assert.Contains("function 'g' calls itself", new TransformTest(new InlineFunctions(), new InlineFunctions.Options()).Fails(Recursive).Message, StringComparison.Ordinal);
    }
}
