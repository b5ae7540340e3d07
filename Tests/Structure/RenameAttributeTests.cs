namespace TransformFramework.Structure.Tests;

public sealed class RenameAttributeTests
{
    [Fact]
    public void Moves_the_value() => new TransformTest(new RenameAttribute(), new RenameAttribute.Options { OldAttributeName = "a", NewAttributeName = "b" }).Check(
        """
        x = Foo() {a=1}
        """,
        """
        x = Foo() {b=1}
        """);

    [Fact]
    public void Keeps_the_value_that_is_there_already() => new TransformTest(new RenameAttribute(), new RenameAttribute.Options { OldAttributeName = "a", NewAttributeName = "b" }).Check(
        """
        x = Foo() {a=1, b=2}
        """,
        """
        x = Foo() {b=2}
        """);

    [Fact]
    public void Changes_nothing_for_equal_names() => new TransformTest(new RenameAttribute(), new RenameAttribute.Options { OldAttributeName = "a", NewAttributeName = "a" }).CheckUnchanged(
        """
        x = Foo() {a=1}
        """);
}
