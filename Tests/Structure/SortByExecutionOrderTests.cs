using TransformFramework.Diagnostics;

namespace TransformFramework.Structure.Tests;

public sealed class SortByExecutionOrderTests
{
    [Fact]
    public void Takes_ready_nodes_from_a_stack() => new TransformTest(new SortByExecutionOrder()).Check(
        """
        add = Add(a, b)
        b = Const()
        a = Const()
        """,
        """
        a = Const()
        b = Const()
        add = Add(a, b)
        """);

    [Fact]
    public void Refuses_a_cycle()
    {
        var error = new TransformTest(new SortByExecutionOrder()).Fails(
            """
            a = Relu(b)
            b = Relu(a)
            """);
        Assert.Equal(StatusKind.InvalidArgument, error.Kind);
        Assert.Contains("2 nodes in a cycle", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_a_missing_input()
    {
        var error = new TransformTest(new SortByExecutionOrder()).Fails(
            """
            a = Relu(^gone:0)
            """);
        Assert.Equal(StatusKind.InvalidArgument, error.Kind);
        Assert.Contains("Node 'a': Unknown input node '^gone'", error.Message, StringComparison.Ordinal);
    }
}
