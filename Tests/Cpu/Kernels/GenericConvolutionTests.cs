using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels;

/// <summary>The op Conv computes what Conv2D and Conv3D do; several batch dimensions are as one.</summary>
public sealed class GenericConvolutionTests
{
    [Theory]
    [InlineData("(2,5,6,4)", "float[3,3,4,6]", "padding=\"SAME\", strides=[1,2,1,1]", "Conv2D", "data_format=\"NHWC\"", "CHANNELS_LAST", 1)]
    [InlineData("(2,5,6,4)", "float[3,3,2,6]", "padding=\"VALID\", strides=[1,1,1,1]", "Conv2D", "data_format=\"NHWC\"", "CHANNELS_LAST", 2)]
    [InlineData("(2,4,5,6)", "float[3,3,4,6]", "padding=\"EXPLICIT\", explicit_paddings=[0,0,0,0,1,2,0,1], strides=[1,1,1,2], dilations=[1,1,2,1]", "Conv2D", "data_format=\"NCHW\"", "CHANNELS_FIRST", 1)]
    [InlineData("(2,3,5,6,4)", "float[2,3,3,4,6]", "padding=\"VALID\", strides=[1,1,1,1,1]", "Conv3D", "data_format=\"NDHWC\"", "CHANNELS_LAST", 1)]
    public void It_computes_what_the_plain_op_does(string shape, string filter, string attributes, string plain, string format, string genericFormat, int groups)
    {
        string inputs = $"x = Placeholder() {{dtype=float, shape={shape}}}\nw = Const() {{dtype=float, value={filter} values{{0.5, -1, 2, 0.25}}}}\n";
        Tensor x = Numbers(GraphText.Parse(inputs).Find("x")!.Shape("shape"));
        Tensor expected = Run($"{inputs}y = {plain}(x, w) {{T=float, {attributes}, {format}}}", x);
        Tensor actual = Run($"{inputs}y = Conv(x, w) {{T=float, {attributes}, data_format=\"{genericFormat}\", groups={groups}}}", x);
        Assert.Equal(expected.Shape, actual.Shape);
        Assert.Equal(expected.ToSingles(), actual.ToSingles());
    }

    [Fact]
    public void Several_batch_dimensions_are_kept()
    {
        const string Node = "w = Const() {dtype=float, value=float[2,2,3,1] values{1}}\ny = Conv(x, w) {T=float, padding=\"VALID\", strides=[1,1,1,1], batch_dims=2}";
        const string Graph = "x = Placeholder() {dtype=float, shape=(?,2,4,5,3)}\n" + Node;
        Tensor x = Numbers(TensorShape.Of(3, 2, 4, 5, 3));
        Tensor flat = Tensor.FromContent(DataType.Float, TensorShape.Of(6, 4, 5, 3), x.Bytes);
        Tensor expected = Run("x = Placeholder() {dtype=float, shape=(6,4,5,3)}\n" + Node.Replace(", batch_dims=2", "", StringComparison.Ordinal), flat);
        Tensor actual = Run(Graph, x);
        Assert.Equal("[3,2,3,4,1]", actual.Shape.ToString());
        Assert.Equal(expected.ToSingles(), actual.ToSingles());
        Assert.Equal("[?,2,3,4,1]", new CpuBackend().InferShapes(GraphText.Parse(Graph), CompileOptions.Default)["y"][0].ToString());
    }

    [Fact]
    public void Groups_that_are_not_those_of_the_filter_are_refused() =>
        Assert.Contains("groups", Assert.Throws<ExecutionException>(() => Run("x = Placeholder() {dtype=float, shape=(1,2,2,4)}\nw = Const() {dtype=float, value=float[1,1,2,4] values{1}}\ny = Conv(x, w) {T=float, padding=\"VALID\", strides=[1,1,1,1]}", Numbers(TensorShape.Of(1, 2, 2, 4)))).Message, StringComparison.Ordinal);

    private static Tensor Numbers(TensorShape shape) => Tensor.Create<float>(DataType.Float, shape, [.. Enumerable.Range(0, (int)shape.ElementCount).Select(i => ((i * 29) % 17 / 8f) - 1)]);

    private static Tensor Run(string graph, Tensor x) => new CpuBackend().Compile(GraphText.Parse(graph), ["y"], CompileOptions.Default).Run(new Dictionary<string, Tensor> { ["x"] = x })[0];
}
