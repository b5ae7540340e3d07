namespace TransformFramework.Structure.Tests;

public sealed class RenameOpTests
{
    [Fact]
    public void Renames_the_op_and_nothing_else() => new TransformTest(new RenameOp(), new RenameOp.Options { OldOpName = "Mul", NewOpName = "Multiply" }).Check(
        """
        x = Mul(a:1, ^b) {T=float}
        y = MulX()
        """,
        """
        x = Multiply(a:1, ^b) {T=float}
        y = MulX()
        """);
}
