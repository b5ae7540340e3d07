using TransformFramework.Diagnostics;
using TransformFramework.Transforms;

namespace TransformFramework.Structure.Tests;

public sealed class BackportConcatV2Tests
{
    [Fact]
    public void Moves_the_axis_to_the_front() => new TransformTest(new BackportConcatV2()).Check(
        """
        a = A()
        b = B()
        axis = Const()
        y = ConcatV2(a, b, axis:0, ^a) {N=2, T=float, Tidx=int32}
        """,
        """
        a = A()
        b = B()
        axis = Const()
        y = Concat(axis:0, a, b, ^a) {N=2, T=float}
        """);

    [Fact]
    public void Moves_the_last_entry_in_verbatim_mode() => new TransformTest(new BackportConcatV2()) { Mode = TransformMode.Verbatim }.Check(
        """
        a = A()
        axis = Const()
        y = ConcatV2(a, axis, ^a)
        """,
        """
        a = A()
        axis = Const()
        y = Concat(^a, a, axis)
        """);

    [Fact]
    public void Refuses_a_node_without_inputs()
    {
        var error = new TransformTest(new BackportConcatV2()).Fails(
            """
            y = ConcatV2()
            """);
        Assert.Equal(StatusKind.Aborted, error.Kind);
        Assert.Contains("has no inputs", error.Message, StringComparison.Ordinal);
    }
}
