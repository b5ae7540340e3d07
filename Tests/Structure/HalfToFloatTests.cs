using TransformFramework.Graphs;
using TransformFramework.Structure.Precision;

namespace TransformFramework.Structure.Tests;

public sealed class HalfToFloatTests
{
    [Fact]
    public void Half_is_computed_in_float_between_casts() =>
        new TransformTest(new HalfToFloat()) { Outputs = ["y"] }.Check(
            "x = Placeholder() {dtype=half}\nw = Const() {dtype=half, value=half[2]{1, 0.5}}\na = Mul(x, w) {T=half}\ny = Relu(a) {T=half}",
            """
            x = Placeholder() {dtype=half}
            w = Const() {dtype=float, value=float[2]{1, 0.5}}
            x/to_float = Cast(x) {DstT=float, SrcT=half}
            a = Mul(x/to_float, w) {T=float}
            y/float = Relu(a) {T=float}
            y = Cast(y/float) {DstT=half, SrcT=float}
            """);

    [Fact]
    public void Casts_to_float_become_nothing() =>
        Assert.Contains("y = Identity(", new TransformTest(new HalfToFloat()).Run("w = Const() {dtype=half, value=half[]{1}}\ny = Cast(w) {SrcT=half, DstT=float}"), StringComparison.Ordinal);

    [Fact]
    public void Functions_are_refused() =>
        Assert.Contains("calls functions", new TransformTest(new HalfToFloat()).Fails("function f {\n  input a {type=half}\n  output o {type=half}\n  return o = a\n}\nx = Placeholder()").Message, StringComparison.Ordinal);
}
