using TransformFramework.Cpu;
using TransformFramework.Graphs;
using TransformFramework.Workflows.Benchmarking;

namespace TransformFramework.Workflows.Tests.Benchmarking;

public sealed class FlopCountTests
{
    private const string Convolution = "strides=[1,2,2,1], padding=\"SAME\", data_format=\"NHWC\", dilations=[1,1,1,1]";

    [Theory]
    [InlineData("w = Placeholder() {dtype=float, shape=(3,3,6,5)}\ny = Conv2D(x, w) {T=float, " + Convolution + "}", 2 * 4 * 4 * 5 * 3 * 3 * 6, true)]
    [InlineData("w = Placeholder() {dtype=float, shape=(3,3,6,2)}\ny = DepthwiseConv2dNative(x, w) {T=float, " + Convolution + "}", 2 * 4 * 4 * 12 * 3 * 3, false)]
    [InlineData("w = Placeholder() {dtype=float, shape=(2,2,5,6)}\ns = Const() {dtype=int32, value=int32[4]{1, 16, 16, 5}}\ny = Conv2DBackpropInput(s, w, x) {T=float, " + Convolution + "}", 2 * 8 * 8 * 6 * 2 * 2 * 5, false)]
    [InlineData("w = Placeholder() {dtype=float, shape=(1,8,6,7)}\ny = BatchMatMulV2(x, w) {T=float, adj_x=false, adj_y=false}", 2 * 8 * 8 * 7 * 6, false)]
    [InlineData("a = Placeholder() {dtype=float, shape=(9,4)}\nb = Placeholder() {dtype=float, shape=(9,3)}\ny = MatMul(a, b) {T=float, transpose_a=true, transpose_b=false}", 2 * 4 * 3 * 9, true)]
    [InlineData("r = Relu(x) {T=float}\nw = Placeholder() {dtype=float, shape=(3,3,6,5)}\nunused = Conv2D(x, w) {T=float, " + Convolution + "}\ny = Relu(r) {T=float}", 0, true)]
    public void Counts_two_for_each_multiplication_with_its_addition(string product, long expected, bool isOriginal)
    {
        BenchmarkedGraph graph = Fed($"x = Placeholder() {{dtype=float, shape=(?,8,8,6)}}\n{product}\n");
        Assert.Equal(expected, FlopCount.Of(graph, onlyOriginal: false));
        Assert.Equal(isOriginal ? expected : 0, FlopCount.Of(graph, onlyOriginal: true));
    }

    [Fact]
    public void A_fed_tensor_ends_what_is_needed()
    {
        Graph graph = GraphText.Parse("x = Placeholder() {dtype=float, shape=(1,3)}\nw = Placeholder() {dtype=float, shape=(3,4)}\nm = MatMul(x, w) {T=float, transpose_a=false, transpose_b=false}\nv = Placeholder() {dtype=float, shape=(4,5)}\ny = MatMul(m, v) {T=float, transpose_a=false, transpose_b=false}");
        var feeds = new Dictionary<string, Tensor>(StringComparer.Ordinal) { ["m:0"] = Floats(7, 4), ["v"] = Floats(4, 5) };
        Assert.Equal(2 * 7 * 4 * 5, FlopCount.Of(new(graph, new CpuBackend(), ["y"], feeds, threads: 1), onlyOriginal: false));
    }

    [Theory]
    [InlineData("v_at:1")]
    [InlineData("w_in")]
    public void What_runs_in_a_loop_or_a_branch_counts_as_often_as_it_runs(string right)
    {
        const string Loop =
            """
            w = Const() {dtype=float, value=float[3,3] values{2}}
            w_in = Enter(w) {T=float, frame_name="loop", is_constant=true, parallel_iterations=10}
            x = Placeholder() {dtype=float, shape=(?,?)}
            n = Placeholder() {dtype=int32, shape=()}
            zero = Const() {dtype=int32, value=int32[]{0}}
            i_in = Enter(zero) {T=int32, frame_name="loop", is_constant=false, parallel_iterations=10}
            n_in = Enter(n) {T=int32, frame_name="loop", is_constant=true, parallel_iterations=10}
            x_in = Enter(x) {T=float, frame_name="loop", is_constant=false, parallel_iterations=10}
            i = Merge(i_in, i_next) {N=2, T=int32}
            v = Merge(x_in, v_next) {N=2, T=float}
            less = Less(i, n_in) {T=int32}
            more = LoopCond(less)
            i_at = Switch(i, more) {T=int32}
            v_at = Switch(v, more) {T=float}
            one = Const(^i_at:1) {dtype=int32, value=int32[]{1}}
            sum = AddV2(i_at:1, one) {T=int32}
            product = MatMul(v_at:1, RIGHT) {T=float, transpose_a=false, transpose_b=false}
            i_next = NextIteration(sum) {T=int32}
            v_next = NextIteration(product) {T=float}
            y = Exit(v_at) {T=float}
            """;
        var feeds = new Dictionary<string, Tensor>(StringComparer.Ordinal) { ["x"] = Floats(3, 3), ["n"] = Tensor.Scalar(5) };
        var graph = new BenchmarkedGraph(GraphText.Parse(Loop.Replace("RIGHT", right, StringComparison.Ordinal)), new CpuBackend(), ["y"], feeds, threads: 1);
        graph.RunRecorded(CancellationToken.None);
        graph.RunRecorded(CancellationToken.None);
        Assert.Equal(5 * 2 * 3 * 3 * 3, FlopCount.Of(graph, onlyOriginal: true));
    }

    private static BenchmarkedGraph Fed(string text)
    {
        Graph graph = GraphText.Parse(text);
        var feeds = graph.Nodes.Where(node => node.Op == "Placeholder")
            .ToDictionary(node => node.Name, node => Floats([.. ((ShapeValue)node.Attributes["shape"]).Value.Dimensions.Select(dimension => Math.Max(dimension, 1))]), StringComparer.Ordinal);
        return new(graph, new CpuBackend(), ["y"], feeds, threads: 1);
    }

    private static Tensor Floats(params long[] dimensions) => Tensor.Create<float>(DataType.Float, TensorShape.Of(dimensions), new float[dimensions.Aggregate(1L, (product, dimension) => product * dimension)]);
}
