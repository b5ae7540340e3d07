using TransformFramework.Transforms;

namespace TransformFramework.Structure.Tests;

public sealed class RemoveNodesTests
{
    [Fact]
    public void Takes_identities_out() => new TransformTest(new RemoveNodes(), new RemoveNodes.Options { Op = ["Identity"] }).Check(
        """
        x = A()
        i = Identity(x:1)
        y = Relu(i, ^i)
        """,
        """
        x = A()
        y = Relu(x:1, ^x)
        """);

    [Fact]
    public void Keeps_outputs() => new TransformTest(new RemoveNodes(), new RemoveNodes.Options { Op = ["Identity"] }) { Outputs = ["i:0"] }.Check(
        """
        x = A()
        i = Identity(x)
        """,
        """
        i = Identity(x)
        x = A()
        """);

    [Fact]
    public void Leaves_nodes_with_control_inputs() => new TransformTest(new RemoveNodes(), new RemoveNodes.Options { Op = ["Identity"] }).Check(
        """
        x = A()
        i = Identity(x, ^x)
        y = Relu(i)
        """,
        """
        i = Identity(x, ^x)
        x = A()
        y = Relu(i)
        """);

    [Fact]
    public void Leaves_the_anchor_of_a_branch() => new TransformTest(new RemoveNodes(), new RemoveNodes.Options { Op = ["Identity"] }).Check(
        """
        p = P()
        x = A()
        s = Switch(x, p)
        i = Identity(s:1)
        c = Const(^i)
        """,
        """
        p = P()
        x = A()
        i = Identity(s:1)
        s = Switch(x, p)
        c = Const(^i)
        """);

    [Fact]
    public void Drops_the_anchor_in_verbatim_mode() => new TransformTest(new RemoveNodes(), new RemoveNodes.Options { Op = ["Identity"] }) { Mode = TransformMode.Verbatim }.Check(
        """
        p = P()
        x = A()
        s = Switch(x, p)
        i = Identity(s:1)
        c = Const(^i)
        """,
        """
        p = P()
        x = A()
        s = Switch(x, p)
        c = Const(^s)
        """);

    [Fact]
    public void Says_why_a_node_stays()
    {
        var test = new TransformTest(new RemoveNodes(), new RemoveNodes.Options { Op = ["Foo"], MaxInputs = 2 });
        test.Run("x = A()\nw = B()\ni = Foo(x, w)\ny = Add(i, w)");
        Assert.Contains(test.Context.Diagnostics, diagnostic => diagnostic.Node == "i" && diagnostic.Message.Contains("'w' would be dropped", StringComparison.Ordinal));
    }
}
