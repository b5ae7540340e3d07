using Clipping;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Testing.Tests;

/// <summary>The kit passes what is right and names what is wrong.</summary>
public sealed class TransformTestTests
{
    private static readonly Graph Clips = GraphText.Parse("""
        x = Placeholder() {dtype=float, shape=(?,30)}
        c = ClippedRelu(x) {limit=6.0}
        y = ClippedRelu(c) {limit=0.5}
        """);

    [Fact]
    public void A_right_transform_passes_with_the_kernels_beside_it()
    {
        TransformCheck check = TransformTest.Check(new MergeClips(), Clips);
        Assert.Equal(0, check.LargestDifference);
        Assert.Contains("y = ClippedRelu(x)", GraphText.Print(check.Graph), StringComparison.Ordinal);
    }

    [Fact]
    public void A_lossy_transform_may_change_results_a_little() =>
        Assert.NotNull(TransformTest.Check(new ClipActivations(), GraphText.Parse("x = Placeholder() {dtype=float, shape=(4)}\ny = Relu6(x) {T=float}"), options: new() { Options = new ClipActivations.Options { Limit = 4 } }).LargestDifference);

    [Fact]
    public void Golden_graphs_are_compared_without_their_layout()
    {
        TransformTest.Rewrites(new MergeClips(), GraphText.Print(Clips), "x = Placeholder() {shape=(?,30), dtype=float}\n\ny = ClippedRelu(x) {limit=0.5}", new() { Outputs = ["y"] });
        Assert.Contains("line 2 is\n  y = ClippedRelu(x)", Fails(() => TransformTest.Rewrites(new MergeClips(), GraphText.Print(Clips), "x = Placeholder() {shape=(?,30), dtype=float}\ny = ClippedRelu(x) {limit=1.0}", new() { Outputs = ["y"] })), StringComparison.Ordinal);
    }

    [Fact]
    public void A_transform_that_changes_results_fails() => Assert.Contains("'y' is not the same", Fails(graph => graph.Select(node => node.Op == "ClippedRelu" ? node.With("limit", 0.25f) : node)), StringComparison.Ordinal);

    [Fact]
    public void A_transform_that_loses_an_output_fails() => Assert.Contains("'y'", Fails(graph => graph.Where(node => node.Name != "y")), StringComparison.Ordinal);

    [Fact]
    public void A_transform_that_throws_fails_with_its_exception() => Assert.Contains("out of ideas", Fails(_ => throw new NotSupportedException("out of ideas")), StringComparison.Ordinal);

    [Fact]
    public void A_transform_that_gives_another_result_each_time_fails()
    {
        int runs = 0;
        Assert.Contains("run again", Fails(graph => graph.Select(node => node with { Device = $"/cpu:{runs++}" })), StringComparison.Ordinal);
    }

    [Fact]
    public void A_graph_whose_input_needs_a_value_asks_for_it()
    {
        Graph strings = GraphText.Parse("s = Placeholder() {dtype=string, shape=()}\ny = Identity(s) {T=string}");
        Assert.Contains("'s'", Fails(() => TransformTest.Check(new Rewriting(graph => graph), strings)), StringComparison.Ordinal);
    }

    private static string Fails(Func<Graph, Graph> rewrite) => Fails(() => TransformTest.Check(new Rewriting(rewrite), Clips));

    private static string Fails(Action check) => Assert.Throws<TransformTestException>(check).Message;

    private sealed class Rewriting(Func<Graph, Graph> rewrite) : Transform
    {
        protected override Graph Apply(Graph graph, TransformContext context) => rewrite(graph);
    }
}
