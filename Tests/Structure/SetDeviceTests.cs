namespace TransformFramework.Structure.Tests;

public sealed class SetDeviceTests
{
    [Fact]
    public void Assigns_the_device_to_all() => new TransformTest(new SetDevice(), new SetDevice.Options { Device = "/cpu:0" }).Check(
        """
        x = NoOp() @"/gpu:0"
        y = NoOp()
        """,
        """
        x = NoOp() @"/cpu:0"
        y = NoOp() @"/cpu:0"
        """);

    [Fact]
    public void Leaves_assigned_nodes_with_if_default() => new TransformTest(new SetDevice(), new SetDevice.Options { Device = "/cpu:0", IfDefault = true }).Check(
        """
        x = NoOp() @"/gpu:0"
        y = NoOp()
        """,
        """
        x = NoOp() @"/gpu:0"
        y = NoOp() @"/cpu:0"
        """);
}
