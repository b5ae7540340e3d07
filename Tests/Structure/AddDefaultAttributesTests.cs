using TransformFramework.Diagnostics;
using TransformFramework.Transforms;

namespace TransformFramework.Structure.Tests;

public sealed class AddDefaultAttributesTests
{
    [Fact]
    public void Adds_defaults_and_keeps_what_is_there() => new TransformTest(new AddDefaultAttributes()).Check(
        """
        x = LRN(i) {alpha=2.0}
        """,
        """
        x = LRN(i) {T=float, alpha=2.0, beta=0.5, bias=1.0, depth_radius=5}
        """);

    [Fact]
    public void Warns_of_an_unknown_op()
    {
        var test = new TransformTest(new AddDefaultAttributes());
        test.CheckUnchanged("x = NoSuchOp()");
        Assert.Contains(test.Context.Diagnostics, diagnostic => diagnostic.Id == "TFX2011");
    }

    [Fact]
    public void Refuses_an_unknown_op_in_verbatim_mode()
    {
        var error = new TransformTest(new AddDefaultAttributes()) { Mode = TransformMode.Verbatim }.Fails(
            """
            x = NoSuchOp()
            """);
        Assert.Equal(StatusKind.NotFound, error.Kind);
        Assert.Contains("Op type not registered 'NoSuchOp'", error.Message, StringComparison.Ordinal);
    }
}
