namespace TransformFramework.Structure.Tests;

public sealed class RemoveControlDependenciesTests
{
    [Fact]
    public void Drops_control_inputs_wherever_they_stand() => new TransformTest(new RemoveControlDependencies()).Check(
        """
        x = NoOp()
        y = Relu(^x, x, ^gone)
        """,
        """
        x = NoOp()
        y = Relu(x)
        """);
}
