using TransformFramework.Transforms;

namespace TransformFramework.Structure.Tests;

public sealed class RemoveDeviceTests
{
    [Fact]
    public void Clears_every_device() => new TransformTest(new RemoveDevice()).Check(
        """
        x = Placeholder() @"/gpu:0"
        y = Relu(x)
        """,
        """
        x = Placeholder()
        y = Relu(x)
        """);

    [Fact]
    public void Keeps_versions_except_in_verbatim_mode()
    {
        const string Graph = "versions {producer=27}\nx = NoOp()";
        Assert.Contains("producer=27", new TransformTest(new RemoveDevice()).Run(Graph), StringComparison.Ordinal);
        Assert.DoesNotContain("producer=27", new TransformTest(new RemoveDevice()) { Mode = TransformMode.Verbatim }.Run(Graph), StringComparison.Ordinal);
    }
}
