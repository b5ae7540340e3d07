using TransformFramework.Diagnostics;
using TransformFramework.Transforms;

namespace TransformFramework.Structure.Tests;

public sealed class InsertLoggingTests
{
    [Fact]
    public void Puts_a_Print_behind_each_node_that_is_read() => new TransformTest(new InsertLogging(), new InsertLogging.Options { ShowName = true, Message = "m" }).Check(
        """
        x = Abs() {T=float}
        y = Neg(x) {T=float}
        """,
        """
        x = Abs() {T=float}
        x__print__ = Print(x:0, x:0) {T=float, U=[float], first_n=-1, message=";x__print__;m", summarize=1024}
        y = Neg(x__print__:0) {T=float}
        """);

    [Fact]
    public void Lists_the_types_of_the_logged_ports_only() => new TransformTest(new InsertLogging(), new InsertLogging.Options { ShowName = true, Message = "m" }).Check(
        """
        x = TopKV2() {T=float}
        y = Neg(x:1) {T=int32}
        """,
        """
        x = TopKV2() {T=float}
        x__print__ = Print(x:0, x:1) {T=float, U=[int32], first_n=-1, message=";x__print__;m", summarize=1024}
        y = Neg(x:1) {T=int32}
        """);

    [Fact]
    public void Leaves_nodes_without_outputs() => new TransformTest(new InsertLogging(), new InsertLogging.Options { ShowName = true, Message = "m" }).CheckUnchanged(
        """
        x = NoOp()
        y = Abs(^x) {T=float}
        """);

    [Fact]
    public void Refuses_a_port_that_is_no_number()
    {
        var error = new TransformTest(new InsertLogging(), new InsertLogging.Options { ShowName = true, Message = "m" }).Fails(
            """
            x = Abs() {T=float}
            y = Neg(x:z) {T=float}
            """);
        Assert.Equal(StatusKind.InvalidArgument, error.Kind);
        Assert.Contains("Couldn't understand output number in x:z", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fails_in_verbatim_mode_where_a_type_of_an_input_is_absent()
    {
        const string Graph =
            """
            x = Placeholder() {dtype=float}
            i = ArgMax(x, x) {output_type=int64}
            y = Neg(i) {T=int64}
            """;
        var error = new TransformTest(new InsertLogging(), new InsertLogging.Options { Op = ["ArgMax"] }) { Mode = TransformMode.Verbatim }.Fails(Graph);
        Assert.Equal((StatusKind.NotFound, "i"), (error.Kind, error.Node));
        Assert.Contains("i__print__ = Print", new TransformTest(new InsertLogging(), new InsertLogging.Options { Op = ["ArgMax"] }).Run(Graph), StringComparison.Ordinal);
    }
}
