using TransformFramework.Transforms;

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

    private const string Branch = """
        p = Placeholder()
        s = Switch(p, p)
        t = Identity(s:1)
        one = Const(^t)
        y = Add(t, one, ^p)
        """;

    [Fact]
    public void Keeps_what_ties_a_constant_to_its_branch()
    {
        var test = new TransformTest(new RemoveControlDependencies());
        test.Check(Branch, Branch.Replace(", ^p", "", StringComparison.Ordinal));
        Assert.Contains(test.Context.Diagnostics, diagnostic => diagnostic.Id == "TFX2031" && diagnostic.Node == "one");
    }

    [Fact]
    public void Drops_that_too_under_verbatim() => new TransformTest(new RemoveControlDependencies()) { Mode = TransformMode.Verbatim }.Check(
        Branch,
        Branch.Replace(", ^p", "", StringComparison.Ordinal).Replace("^t", "", StringComparison.Ordinal));
}
