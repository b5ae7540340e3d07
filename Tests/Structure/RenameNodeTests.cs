using TransformFramework.Diagnostics;
using TransformFramework.Transforms;

namespace TransformFramework.Structure.Tests;

public sealed class RenameNodeTests
{
    [Fact]
    public void Renames_readers_and_colocations() => new TransformTest(new RenameNode(), new RenameNode.Options { OldNodeName = "a", NewNodeName = "b" }).Check(
        """
        a = Split()
        y = Add(a:1, a, ^a) {_class=["loc:@a"]}
        """,
        """
        b = Split()
        y = Add(b:1, b, ^b) {_class=["loc:@b"]}
        """);

    [Fact]
    public void Leaves_colocations_in_verbatim_mode() => new TransformTest(new RenameNode(), new RenameNode.Options { OldNodeName = "a", NewNodeName = "b" }) { Mode = TransformMode.Verbatim }.Check(
        """
        a = Split()
        y = Neg(a) {_class=["loc:@a"]}
        """,
        """
        b = Split()
        y = Neg(b) {_class=["loc:@a"]}
        """);

    [Fact]
    public void Refuses_a_name_that_is_taken()
    {
        var error = new TransformTest(new RenameNode(), new RenameNode.Options { OldNodeName = "a", NewNodeName = "b" }).Fails(
            """
            a = NoOp()
            b = NoOp()
            """);
        Assert.Equal(StatusKind.InvalidArgument, error.Kind);
        Assert.Contains("A node is alreading using b", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Warns_of_an_unknown_name()
    {
        var test = new TransformTest(new RenameNode(), new RenameNode.Options { OldNodeName = "q", NewNodeName = "b" });
        test.CheckUnchanged("a = NoOp()");
        Assert.Contains(test.Context.Diagnostics, diagnostic => diagnostic.Id == "TFX2012");
    }
}
