using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans;

/// <summary>What a kernel refuses, no plan computes: an operator reads memory by the sizes that it is told.</summary>
public sealed class PlanRefusalTests
{
    [Theory]
    [InlineData("MatMul(a, b) {T=float, transpose_a=true, transpose_b=true}", "16,16", "4,1")]
    [InlineData("MatMul(a, b) {T=float, transpose_a=false, transpose_b=false}", "130,7", "130,3")]
    [InlineData("MatMul(a, b) {T=float, transpose_a=true, transpose_b=false}", "7,130", "130,3")]
    [InlineData("MatMul(a, b) {T=float, transpose_a=false, transpose_b=false}", "2,3,4", "2,4,5")]
    [InlineData("BatchMatMulV2(a, b) {T=float, adj_x=false, adj_y=false}", "2,3,4", "2,5,4")]
    [InlineData("BatchMatMulV2(a, b) {T=float, adj_x=false, adj_y=true}", "3,4", "4,5")]
    public void Matrices_that_do_not_fit_are_refused_with_and_without_a_plan(string op, string left, string right)
    {
        Graph graph = GraphText.Parse($"a = Placeholder() {{dtype=float}}\nb = Placeholder() {{dtype=float}}\ny = {op}\n");
        var feeds = new Dictionary<string, Tensor>(StringComparer.Ordinal) { ["a"] = Zeros(left), ["b"] = Zeros(right) };
        Assert.All([true, false], usesReference => Assert.Throws<ExecutionException>(() => new CpuBackend().Compile(graph, ["y"], new CompileOptions { Feeds = ["a", "b"], UseReferenceKernels = usesReference }).Run(feeds)));
    }

    [Theory]
    [InlineData("Unpack(a) {T=float, num=3, axis=0}", "4,2")]
    [InlineData("Unpack(a) {T=float, num=6, axis=1}", "2,4")]
    [InlineData("ReverseV2(a, k) {T=float, Tidx=int32}", "4,2")]
    [InlineData("BiasAdd(a, k3) {T=float}", "4")]
    [InlineData("Split(k, a) {T=float, num_split=5}", "4,2")]
    [InlineData("Slice(a, k2, k2) {T=float, Index=int32}", "4,2")]
    public void Shapes_that_an_op_does_not_take_are_refused_with_and_without_a_plan(string op, string shape)
    {
        Graph graph = GraphText.Parse($"a = Placeholder() {{dtype=float}}\nk = Const() {{dtype=int32, value=int32[]{{0}}}}\nk2 = Const() {{dtype=int32, value=int32[2]{{3, 1}}}}\nk3 = Const() {{dtype=float, value=float[4]{{1, 2, 3, 4}}}}\ny = {op}\n");
        var feeds = new Dictionary<string, Tensor>(StringComparer.Ordinal) { ["a"] = Zeros(shape) };
        Assert.All([true, false], usesReference => Assert.Throws<ExecutionException>(() => new CpuBackend().Compile(graph, ["y"], new CompileOptions { Feeds = ["a"], UseReferenceKernels = usesReference }).Run(feeds)));
    }

    private static Tensor Zeros(string dimensions) =>
        Tensor.Allocate<float>(DataType.Float, TensorShape.Of([.. dimensions.Split(',').Select(dimension => long.Parse(dimension, System.Globalization.CultureInfo.InvariantCulture))]), out _);
}
