using TransformFramework.Transforms;

namespace TransformFramework.Structure.Tests;

public sealed class InlinePartitionedCallTests
{
    private const string Library =
        """
        function f {
          input a {type=float}
          output o {type=float}
          output p {type=float}
          m = Mul(a, a) {T=float}
          t = TopKV2(m:z:0, a) {T=float}
          return o = t:indices:0
          return p = a
        }
        """;

    [Fact]
    public void Inlines_by_meaning()
    {
        string result = new TransformTest(new InlinePartitionedCall()).Run(Library + "\nx = Abs()\nc = NoOp()\nk = StatefulPartitionedCall(x, ^c) {f=@f}\ny = Add(k, k:1, ^k)");
        Assert.Contains("k/m = Mul(x, x)", result, StringComparison.Ordinal);
        Assert.Contains("k/t = TopKV2(k/m, x)", result, StringComparison.Ordinal);
        Assert.Contains("y = Add(k/t:1, x, ^k/t, ^x)", result, StringComparison.Ordinal);
    }

    [Fact]
    public void Inlines_by_letter_in_verbatim_mode()
    {
        string result = new TransformTest(new InlinePartitionedCall()) { Mode = TransformMode.Verbatim }.Run(Library + "\nx = Abs()\nk = PartitionedCall(x) {f=@f}\ny = Neg(k)");
        Assert.Contains("y = Neg(k/t:0)", result, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_a_function_that_calls_itself()
    {
        const string Recursive = "function g {\n  input a {type=float}\n  output o {type=float}\n  r = PartitionedCall(a) {f=@g}\n  return o = r:output:0\n}\nx = Abs()\nk = PartitionedCall(x) {f=@g}";
        Assert.Contains("calls itself", new TransformTest(new InlinePartitionedCall()).Fails(Recursive).Message, StringComparison.Ordinal);
    }
}
