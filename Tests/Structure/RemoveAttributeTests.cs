namespace TransformFramework.Structure.Tests;

public sealed class RemoveAttributeTests
{
    [Fact]
    public void Removes_it_from_all_nodes() => new TransformTest(new RemoveAttribute(), new RemoveAttribute.Options { AttributeName = "a" }).Check(
        """
        x = Foo() {a=1, b=2}
        y = Bar() {a=1}
        """,
        """
        x = Foo() {b=2}
        y = Bar()
        """);

    [Fact]
    public void Removes_it_from_the_named_op() => new TransformTest(new RemoveAttribute(), new RemoveAttribute.Options { AttributeName = "a", OpName = "Bar" }).Check(
        """
        x = Foo() {a=1}
        y = Bar() {a=1}
        """,
        """
        x = Foo() {a=1}
        y = Bar()
        """);
}
