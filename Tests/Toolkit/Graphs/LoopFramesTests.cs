using TransformFramework.Graphs;
using TransformFramework.Toolkit.Graphs;

namespace TransformFramework.Toolkit.Tests.Graphs;

public sealed class LoopFramesTests
{
    [Fact]
    public void Frames_open_at_Enter_and_close_at_Exit()
    {
        var frames = LoopFrames.Of(
            GraphText.Parse(
                """
                x = Const()
                outer = Enter(x) {frame_name="o"}
                a = Neg(outer)
                inner = Enter(a) {frame_name="i"}
                b = Neg(inner)
                back = Exit(b)
                c = Neg(back)
                out = Exit(c)
                y = Neg(out)
                """),
            out var mixed);
        Assert.Empty(mixed);
        Assert.Equal(["", "o\n", "o\ni\n", "o\n", ""], new[] { "x", "a", "b", "c", "y" }.Select(name => frames[name]));
    }

    [Fact]
    public void A_node_with_inputs_in_two_frames_is_named()
    {
        LoopFrames.Of(GraphText.Parse("x = Const()\ne = Enter(x) {frame_name=\"f\"}\na = Neg(e)\nmix = Add(x, a)"), out var mixed);
        Assert.Equal(["mix"], mixed);
    }
}
