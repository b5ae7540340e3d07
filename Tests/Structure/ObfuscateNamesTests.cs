using TransformFramework.Diagnostics;
using TransformFramework.Transforms;

namespace TransformFramework.Structure.Tests;

public sealed class ObfuscateNamesTests
{
    [Fact]
    public void Numbers_names_in_base_62() => new TransformTest(new ObfuscateNames()) { Inputs = ["x"], Outputs = ["y"] }.Check(
        """
        x = Placeholder()
        long/name = Relu(x)
        y = Neg(long/name:0, ^long/name) {_class=["loc:@long/name"]}
        """,
        """
        x = Placeholder()
        "0" = Relu(x)
        y = Neg("0:0", "^0") {_class=["loc:@0"]}
        """);

    [Fact]
    public void Keeps_names_that_are_listed_with_a_port() => new TransformTest(new ObfuscateNames()) { Outputs = ["y:0"] }.Check(
        """
        y = NoOp()
        """,
        """
        y = NoOp()
        """);

    [Fact]
    public void Renames_them_in_verbatim_mode() => new TransformTest(new ObfuscateNames()) { Outputs = ["y:0"], Mode = TransformMode.Verbatim }.Check(
        """
        y = NoOp()
        """,
        """
        "0" = NoOp()
        """);

    [Fact]
    public void Refuses_a_dangling_input()
    {
        var error = new TransformTest(new ObfuscateNames()).Fails(
            """
            y = Relu(gone)
            """);
        Assert.Equal(StatusKind.InvalidArgument, error.Kind);
        Assert.Contains("No node named gone for input to y", error.Message, StringComparison.Ordinal);
    }
}
