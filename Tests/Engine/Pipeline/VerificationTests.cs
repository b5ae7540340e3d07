using TransformFramework.Diagnostics;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Transforms;

namespace TransformFramework.Engine.Tests.Pipeline;

/// <summary>Graphs that TensorFlow refuses: repaired where that is safe, else the step fails. In verbatim mode only what the original checks.</summary>
public sealed class VerificationTests
{
    private const string Before = "x = Placeholder()\ny = Relu(x)";

    private static readonly PipelineOptions Verbatim = new() { Mode = TransformMode.Verbatim };

    [Theory]
    [InlineData("""y = Relu(x) {_class=["loc:@gone"]}""", "y = Relu(x)")]
    [InlineData("""y = Relu(x) {_class=["loc:@gone", "loc:@x", "other"]}""", """y = Relu(x) {_class=["loc:@x", "other"]}""")]
    public void Colocations_with_nodes_that_are_gone_are_dropped(string broken, string repaired) => Repairs(broken, repaired, "TFX4120");

    [Theory]
    [InlineData("y = Relu(x, ^x:0)", "y = Relu(x, ^x)")]
    [InlineData("y = Relu(^x, x)", "y = Relu(x, ^x)")]
    public void Control_inputs_lose_ports_and_follow_data(string broken, string repaired) => Repairs(broken, repaired, "TFX4121");

    [Theory]
    [InlineData("y = Relu(x)\ny = Neg(x)", "y", "two nodes are named 'y'")]
    [InlineData("y = Relu(gone)", "y", "'y' reads 'gone', which does not exist")]
    [InlineData("y = Relu(x, ^gone)", "y", "'y' reads '^gone', which does not exist")]
    [InlineData("c = Neg(x) {T=float}\ny = Relu(c:1)", "y", "'y' reads 'c:1', but 'c' (Neg) has no such output")]
    [InlineData("s = Split(x, x) {T=float, num_split=2}\ny = Relu(s:2)", "y", "has no such output")]
    public void A_graph_that_cannot_be_loaded_fails_the_step(string broken, string node, string message)
    {
        StepFailure failure = Giving(broken).Failure(Before, "give");
        Assert.Equal(("TFX4101", node), (failure.Diagnostic.Id, failure.Diagnostic.Node));
        Assert.Contains($"after give", failure.Diagnostic.Message, StringComparison.Ordinal);
        Assert.Contains(message, failure.Diagnostic.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_with_inputs_from_two_loop_frames_fails_the_step()
    {
        const string Loops = "a = Enter(x) {frame_name=\"one\"}\nb = Enter(x) {frame_name=\"two\"}\n";
        Assert.Equal($"x = Placeholder()\n{Loops}y = Relu(a)", Giving($"{Loops}y = Relu(a)").Text(Before, "give"));
        StepFailure failure = Giving($"{Loops}y = Add(a, b)").Failure(Before, "give");
        Assert.Equal(("TFX4101", "y"), (failure.Diagnostic.Id, failure.Diagnostic.Node));
        Assert.Contains("different loop frames", failure.Diagnostic.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x", "y", "TFX4103")]
    [InlineData("x", "z:0", null)]
    public void The_runs_inputs_and_outputs_stay(string input, string output, string? id)
    {
        PipelineResult result = new PipelineRun().Giving("give", "x = Placeholder()").Run(Before, "give", new PipelineOptions { InputNames = [input], OutputNames = [output] });
        Assert.Equal(id, result.Failure?.Diagnostic.Id);
    }

    [Theory]
    [InlineData("x = Placeholder()\ny = Relu(gone)")]
    [InlineData("x = Placeholder()\nx = Placeholder()")]
    [InlineData("x = Placeholder()\ny = Relu(x:7)")]
    public void A_problem_that_the_file_brought_is_no_fault_of_the_step(string graph) =>
        Assert.Equal(graph + "\nz = NoOp()", new PipelineRun().Giving("give", graph + "\nz = NoOp()").Text(graph, "give"));

    [Fact]
    public void An_ignored_step_that_breaks_the_graph_is_dropped()
    {
        PipelineResult result = Giving("y = Relu(gone)").Run(Before, "give(ignore_errors=true)");
        Assert.Equal(2, result.Graph?.Nodes.Length);
        Assert.True(result.Steps[0].IsIgnored);
    }

    [Theory]
    [InlineData("""y = Relu(x, ^x:0) {_class=["loc:@gone"]}""")]
    [InlineData("y = Relu(x)\ny = Neg(x)")]
    [InlineData("y = Relu(x:7)")]
    public void Verbatim_keeps_what_the_original_keeps(string broken) =>
        Assert.Equal($"x = Placeholder()\n{broken}", Giving(broken).Text(Before, "give", Verbatim));

    [Theory]
    [InlineData("give")]
    [InlineData("give(ignore_errors=true) give")]
    public void Verbatim_refuses_missing_inputs_in_the_originals_words(string script)
    {
        StepFailure failure = Giving("y = Relu(gone)").Failure(Before, script, Verbatim);
        Assert.Equal((0, "TFX4102", "Invalid graph with inputs referring to nonexistent nodes"), (failure.Step, failure.Diagnostic.Id, failure.Diagnostic.Message));
    }

    private static PipelineRun Giving(string nodes) => new PipelineRun().Giving("give", $"x = Placeholder()\n{nodes}");

    private static void Repairs(string broken, string repaired, string id)
    {
        PipelineRun run = Giving(broken);
        Assert.Equal($"x = Placeholder()\n{repaired}", run.Text(Before, "give"));
        Diagnostic diagnostic = Assert.Single(run.Run(Before, "give").Steps[0].Diagnostics);
        Assert.Equal((id, Severity.Warning, "y"), (diagnostic.Id, diagnostic.Severity, diagnostic.Node));
    }
}
