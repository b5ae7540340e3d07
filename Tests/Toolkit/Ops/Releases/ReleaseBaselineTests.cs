using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops.Releases;

namespace TransformFramework.Toolkit.Tests.Ops.Releases;

public sealed class ReleaseBaselineTests
{
    private const string Input = "x = Placeholder() {dtype=float, shape=(1,4)}\n";
    private const string Old = "versions {producer=134}\n" + Input;

    [Theory]
    [InlineData("versions {producer=24}\n" + Input + "y = Relu(x) {T=float}", "1.3")]
    [InlineData("versions {producer=24}\n" + Input + "y = AddV2(x, x) {T=float}", "1.5")]
    [InlineData("versions {producer=1100}\n" + Input + "y = Relu(x) {T=float}", "2.9")]
    [InlineData("versions {producer=1}\n" + Input + "y = Relu(x) {T=float}", "0.12")]
    [InlineData(Input + "y = Relu(x) {T=float}", "1.15")]
    [InlineData(Input + "y = MatMul(x, x) {T=float, grad_a=true}", "2.16")]
    public void Knows_which_release_wrote_a_graph(string graph, string release) =>
        Assert.Equal(release, ReleaseBaseline.Of(GraphText.Parse(graph)).Release.Version);

    [Theory]
    [InlineData("y = Relu(x) {T=float}", "y = MatMul(x, x) {T=float, grad_a=true}", "MatMul.grad_a")]
    [InlineData("y = Relu(x) {T=float}", "y = Relu(x) {T=half}", "")]
    [InlineData("y = Relu(x) {T=float}", "y = Relu(x)", "Relu.T")]
    public void Finds_what_a_step_added(string before, string after, string entry)
    {
        ReleaseFindings findings = ReleaseBaseline.Of(GraphText.Parse(Old + before)).Find(GraphText.Parse(Old + after), least: null);
        Assert.Equal([entry], findings.New.Select(problem => problem.Entry));
        Assert.Empty(findings.Old);
    }

    [Theory]
    [InlineData("y = MatMul(x, x) {T=float, grad_a=true}", "z = MatMul(x, x) {T=float, grad_a=true}", "MatMul.grad_a")]
    [InlineData("y = Relu(x)", "renamed = Relu(x)", "Relu.T")]
    [InlineData("y = Relu(x) {T=float}", "y = MyRelu(x) {T=float}", "MyRelu")]
    public void Forgives_what_was_there_and_ops_of_nobody(string before, string after, string entry)
    {
        ReleaseFindings findings = ReleaseBaseline.Of(GraphText.Parse(Old + before)).Find(GraphText.Parse(Old + after), least: null);
        Assert.Empty(findings.New);
        Assert.Equal([entry], findings.Old.Select(problem => problem.Entry));
    }

    [Fact]
    public void Takes_the_release_that_a_step_writes_for()
    {
        Graph after = GraphText.Parse(Old + "y = MatMul(x, x) {T=float, grad_a=true}");
        ReleaseBaseline baseline = ReleaseBaseline.Of(GraphText.Parse(Old));
        Assert.Empty(baseline.Find(after, TensorFlowRelease.Find("tf2.16")).New);
        Assert.NotEmpty(baseline.Find(after, TensorFlowRelease.Find("tf2.7")).New);
    }

    [Fact]
    public void Holds_a_graph_for_an_older_release_to_all_of_it()
    {
        ReleaseBaseline baseline = ReleaseBaseline.Of(GraphText.Parse("versions {producer=1395}\n" + Input + "y = Einsum(x, x) {N=2, T=float, equation=\"ab,cb->ac\"}"));
        ReleaseFindings findings = baseline.Find(GraphText.Parse("versions {producer=24}\n" + Input + "y = Einsum(x, x) {N=2, T=float, equation=\"ab,cb->ac\"}"), least: null);
        Assert.Equal(("1.5", "Einsum"), (findings.Release.Version, findings.New[0].Entry));
    }
}
