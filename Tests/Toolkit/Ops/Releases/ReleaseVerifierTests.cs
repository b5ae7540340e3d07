using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops.Releases;

namespace TransformFramework.Toolkit.Tests.Ops.Releases;

public sealed class ReleaseVerifierTests
{
    private const string Plain = """
        x = Placeholder() {dtype=float, shape=(1,4,4,2)}
        w = Const() {dtype=float, value=float[1,1,2,2]{1, 2, 3, 4}}
        """;

    [Theory]
    [InlineData("1.4", "y = AddV2(x, x) {T=float}", "AddV2")]
    [InlineData("1.4", "y = Conv2D(x, w) {T=float, padding=\"SAME\", strides=[1,1,1,1], dilations=[1,1,1,1]}", "Conv2D.dilations")]
    [InlineData("1.15", "y = Conv2D(x, w) {T=float, padding=\"SAME\", strides=[1,1,1,1], dilations=[1,1,1,1]}", "")]
    [InlineData("2.4", "y = MatMul(x, x) {T=float, grad_a=false}", "MatMul.grad_a")]
    [InlineData("2.5", "y = MatMul(x, x) {T=float, grad_a=false}", "")]
    [InlineData("2.5", "y = MatMul(x, x) {T=float, grad_a=true}", "MatMul.grad_a")]
    [InlineData("2.12", "c = Cast(x) {SrcT=float, DstT=uint32}\ny = AddV2(c, c) {T=uint32}", "")]
    [InlineData("1.15", "c = Cast(x) {SrcT=float, DstT=uint32}\ny = AddV2(c, c) {T=uint32}", "AddV2.T")]
    [InlineData("2.21", "y = NoSuchOp(x)", "NoSuchOp")]
    [InlineData("1.15", "y = Relu(x) {T=float, _class=[\"loc:@x\"]}", "")]
    public void Names_what_a_release_lacks(string release, string nodes, string entry) =>
        Assert.Equal(entry.Length == 0 ? [] : new[] { entry }, Entries(release, $"{Plain}\n{nodes}"));

    [Theory]
    [InlineData("y = Relu(x, x) {T=float}", "has 2 inputs, its op takes 1")]
    [InlineData("y = Relu(x) {T=half}", "was passed float from x:0 incompatible with expected half")]
    [InlineData("y = Relu(x:1) {T=float}", "Connecting to invalid output 1")]
    [InlineData("y = Relu(gone) {T=float}", "Unknown input node 'gone'")]
    [InlineData("y = Relu(x) {T=float, _class=[\"loc:@gone\"]}", "colocated with unknown node 'gone'")]
    [InlineData("y = Relu(x)", "lacks attribute 'T'")]
    [InlineData("y = Assign(x, x) {T=float}", "but the op takes a variable")]
    [InlineData("y = Relu(x) {T=\"float\"}", "attribute 'T' is of kind Bytes, not type")]
    [InlineData("e = Enter(x) {T=float, frame_name=\"loop\"}\ny = AddV2(e, x) {T=float}", "in different loops")]
    [InlineData("versions {min_consumer=200, producer=200}", "asks for a reader of version 200")]
    [InlineData("\"a b\" = Relu(x) {T=float}", "Node name contains invalid characters")]
    [InlineData("a = Relu(b) {T=float}\nb = Relu(a) {T=float}", "the graph has a cycle: ")]
    [InlineData("y = PartitionedCall(x) {Tin=[float], Tout=[float], f=@gone}", "calls function 'gone', which the library does not have")]
    [InlineData("y = twice(x)\nfunction twice {\n  input a {type=float}\n  output z {type=float}\n  n = Relu(a) {T=half}\n  return z = n:activations:0\n}", "in function 'twice': Input 0 of node n was passed float")]
    [InlineData("y = twice(x)\nfunction twice {\n  input a {type=float}\n  output z {type=float}\n  n = Relu(gone) {T=float}\n  return z = n:activations:0\n}", "in function 'twice': Node 'n': Unknown input node 'gone'")]
    public void Says_what_is_wrong_with_a_graph(string nodes, string message) =>
        Assert.Contains(ReleaseVerifier.Verify(GraphText.Parse($"{Plain}\n{nodes}"), TensorFlowRelease.Find("1.15")!), problem => problem.Message.Contains(message, StringComparison.Ordinal));

    [Fact]
    public void Knows_functions_of_the_library_as_ops() => Assert.Equal(["AddV2"], Entries("1.4", """
        x = Placeholder() {dtype=float}
        y = twice(x)
        function twice {
          input a {type=float}
          output z {type=float}
          sum = AddV2(a, a) {T=float}
          return z = sum:z:0
        }
        """));

    [Theory]
    [InlineData("y = Relu(x) {T=float}", "0.12", "")]
    [InlineData("y = Conv2D(x, w) {T=float, padding=\"SAME\", strides=[1,1,1,1], dilations=[1,1,1,1]}", "1.5", "Conv2D.dilations")]
    [InlineData("y = FusedBatchNormV3(x, w, w, w, w) {T=float, U=float, exponential_avg_factor=1.0}", "2.2", "FusedBatchNormV3.exponential_avg_factor")]
    public void Finds_the_oldest_release_that_reads_a_graph(string nodes, string release, string reasons)
    {
        RequiredRelease required = RequiredRelease.Of(GraphText.Parse($"{Plain}\n{nodes}"));
        Assert.Equal((release, reasons), (required.Release?.Version, string.Join(" ", required.Reasons)));
    }

    private static string[] Entries(string release, string graph) =>
        [.. ReleaseVerifier.Verify(GraphText.Parse(graph), TensorFlowRelease.Find(release)!).Select(problem => problem.Entry)];
}
