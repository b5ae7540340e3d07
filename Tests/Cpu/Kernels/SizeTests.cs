using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Graphs.Text;

namespace TransformFramework.Cpu.Kernels;

/// <summary>Sizes that no memory could hold, or that leave 32 bits, are refused alike by plans and by the reference kernels.</summary>
public sealed class SizeTests
{
    [Theory]
    [InlineData("MaxPool(x) {T=float, ksize=[1,4194967296,1,1], strides=[1,1,1,1], padding=\"SAME\"}")]
    [InlineData("AvgPool(x) {T=float, ksize=[1,2147483648,2147483648,1], strides=[1,1,1,1], padding=\"SAME\"}")]
    [InlineData("MaxPool(x) {T=float, ksize=[1,2,2,1], strides=[1,4294967297,1,1], padding=\"SAME\"}")]
    [InlineData("AvgPool(x) {T=float, ksize=[1,2,2,1], strides=[1,0,1,1], padding=\"SAME\"}")]
    [InlineData("MaxPool(x) {T=float, ksize=[1,6,6,1], strides=[1,1,1,1], padding=\"VALID\"}")]
    [InlineData("Conv2D(x, w) {T=float, strides=[1,4294967297,4294967297,1], padding=\"SAME\"}")]
    [InlineData("Conv2D(x, w) {T=float, strides=[1,1,1,1], padding=\"SAME\", dilations=[1,4294967297,1,1]}")]
    [InlineData("Conv2D(x, w) {T=float, strides=[1,1,1,1], padding=\"EXPLICIT\", explicit_paddings=[0,0,4294967296,0,0,0,0,0]}")]
    [InlineData("Conv2D(x, w) {T=float, strides=[1,1,1,1], padding=\"EXPLICIT\", explicit_paddings=[0,0,-4,1,0,0,0,0]}")]
    [InlineData("DepthwiseConv2dNative(x, w) {T=float, strides=[1,-1,-1,1], padding=\"SAME\"}")]
    [InlineData("BiasAdd(x, w) {T=float}")]
    public void A_size_out_of_range_is_refused(string operation)
    {
        foreach (bool useReferenceKernels in new[] { false, true })
            Assert.Equal(StatusKind.InvalidArgument, Refusal(operation, useReferenceKernels).Kind);
    }

    [Theory]
    [InlineData("MaxPool(x) {T=float, ksize=[1,2000000000,2000000000,1], strides=[1,1,1,1], padding=\"SAME\"}")]
    [InlineData("AvgPool(x) {T=float, ksize=[1,2000000000,2000000000,1], strides=[1,2147483647,2147483647,1], padding=\"SAME\"}")]
    [InlineData("Conv2D(x, w) {T=float, strides=[1,2147483647,2147483647,1], padding=\"SAME\"}")]
    [InlineData("Conv2D(x, w) {T=float, strides=[1,1,1,1], padding=\"SAME\", dilations=[1,2147483647,2147483647,1]}")]
    [InlineData("DepthwiseConv2dNative(x, w) {T=float, strides=[1,2147483647,2147483647,1], padding=\"SAME\"}")]
    public void Windows_that_hardly_fit_have_the_same_values_in_a_plan(string operation)
    {
        Tensor planned = Run(operation, useReferenceKernels: false);
        Tensor expected = Run(operation, useReferenceKernels: true);
        Assert.Equal(expected.Shape, planned.Shape);
        Assert.All(expected.AsSpan<float>().ToArray().Zip(planned.AsSpan<float>().ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }

    [Theory]
    [InlineData("y = Switch(x) {T=float}")]
    [InlineData("y = NextIteration() {T=float}")]
    [InlineData("y = Enter() {T=float, frame_name=\"f\"}")]
    [InlineData("r = Relu(x) {T=float}\ny = Relu(r:1) {T=float}")]
    public void Inputs_that_are_missing_are_refused_by_name_when_the_graph_is_compiled(string nodes)
    {
        Graph graph = GraphText.Parse("x = Placeholder() {dtype=float, shape=(2)}\n" + nodes);
        ExecutionException error = Assert.Throws<ExecutionException>(() => new CpuBackend().Compile(graph, ["y"], CompileOptions.Default));
        Assert.Equal(StatusKind.InvalidArgument, error.Kind);
        Assert.Contains("y", error.Message, StringComparison.Ordinal);
    }

    private static ExecutionException Refusal(string operation, bool useReferenceKernels) => Assert.Throws<ExecutionException>(() => Run(operation, useReferenceKernels));

    private static Tensor Run(string operation, bool useReferenceKernels)
    {
        Graph graph = GraphText.Parse($$"""
            x = Placeholder() {dtype=float, shape=(1,4,4,1)}
            w = Placeholder() {dtype=float, shape=(2,2,1,1)}
            y = {{operation}}
            """);
        var feeds = new Dictionary<string, Tensor>
        {
            ["x"] = NodeRun.Floats(TensorShape.Of(1, 4, 4, 1), [.. Enumerable.Range(1, 16).Select(value => (float)value)]),
            ["w"] = NodeRun.Floats(TensorShape.Of(2, 2, 1, 1), 1, 2, 3, 4),
        };
        return new CpuBackend().Compile(graph, ["y"], new() { UseReferenceKernels = useReferenceKernels }).Run(feeds)[0];
    }
}
