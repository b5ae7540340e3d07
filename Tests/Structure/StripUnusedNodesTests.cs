using TransformFramework.Diagnostics;
using TransformFramework.Transforms;

namespace TransformFramework.Structure.Tests;

public sealed class StripUnusedNodesTests
{
    [Fact]
    public void Cuts_at_the_inputs() => new TransformTest(new StripUnusedNodes(), new StripUnusedNodes.Options { Type = ["int32"], Shape = ["-1,3"] }) { Inputs = ["i:0"], Outputs = ["y"] }.Check(
        """
        f = ReadFile()
        i = Decode(f) @"/gpu:0"
        y = Relu(i)
        loss = Sub(y, f)
        """,
        """
        i = Placeholder() {dtype=int32, shape=(?,3)}
        y = Relu(i)
        """);

    [Fact]
    public void Keeps_the_types_and_defaults_of_inputs() => new TransformTest(new StripUnusedNodes(), new StripUnusedNodes.Options()) { Inputs = ["training", "key"], Outputs = ["y", "key"] }.Check(
        """
        no = Const() {dtype=bool, value=bool[]{false}}
        training = PlaceholderWithDefault(no) {dtype=bool, shape=()}
        y = Not(training)
        s = Placeholder() {dtype=string}
        key = DecodeBase64(s)
        """,
        """
        no = Const() {dtype=bool, value=bool[]{false}}
        training = PlaceholderWithDefault(no) {dtype=bool, shape=()}
        y = Not(training)
        key = Placeholder() {dtype=string, shape=()}
        """);

    [Fact]
    public void The_original_makes_every_input_a_float_placeholder() => new TransformTest(new StripUnusedNodes(), new StripUnusedNodes.Options()) { Inputs = ["training"], Outputs = ["y"], Mode = TransformMode.Verbatim }.Check(
        """
        no = Const() {dtype=bool, value=bool[]{false}}
        training = PlaceholderWithDefault(no) {dtype=bool, shape=()}
        y = Not(training)
        """,
        """
        training = Placeholder() {dtype=float, shape=()}
        y = Not(training)
        """);

    [Fact]
    public void Refuses_a_negative_dimension_in_verbatim_mode()
    {
        var error = new TransformTest(new StripUnusedNodes(), new StripUnusedNodes.Options { Type = ["int32"], Shape = ["-1,3"] }) { Inputs = ["i:0"], Outputs = ["y"], Mode = TransformMode.Verbatim }.Fails(
            """
            i = Decode()
            y = Relu(i)
            """);
        Assert.Equal(StatusKind.Aborted, error.Kind);
        Assert.Contains("negative dimension", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_an_output_that_does_not_exist()
    {
        var error = new TransformTest(new StripUnusedNodes(), new StripUnusedNodes.Options { Type = ["int32"], Shape = ["-1,3"] }) { Inputs = ["i:0"], Outputs = ["y"] }.Fails(
            """
            i = Decode()
            """);
        Assert.Equal(StatusKind.InvalidArgument, error.Kind);
        Assert.Contains("Input node y not found in graph", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Does_not_look_for_an_input_that_does_not_exist_in_verbatim_mode()
    {
        var test = new TransformTest(new StripUnusedNodes(), new StripUnusedNodes.Options()) { Inputs = ["gone"], Outputs = ["y", "gone"], Mode = TransformMode.Verbatim };
        test.Check("y = Relu(gone)\nz = Neg(y)\n", "y = Relu(gone)\n");
    }
}
