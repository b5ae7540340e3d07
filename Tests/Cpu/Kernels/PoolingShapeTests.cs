using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels;

public sealed class PoolingShapeTests
{
    [Theory]
    [InlineData("(?,5,7,3)", "SAME", "NHWC", "[?,3,4,3]")]
    [InlineData("(?,5,7,3)", "VALID", "NHWC", "[?,2,3,3]")]
    [InlineData("(2,?,7,3)", "VALID", "NHWC", "[2,?,3,3]")]
    [InlineData("(2,5,7,?)", "VALID", "NHWC", "[2,2,3,?]")]
    [InlineData("(?,3,5,7)", "VALID", "NCHW", "[?,3,2,3]")]
    [InlineData("(...)", "VALID", "NHWC", "?")]
    public void What_is_known_of_the_input_is_known_of_the_result(string shape, string padding, string format, string expected)
    {
        string window = format == "NHWC" ? "[1,2,2,1]" : "[1,1,2,2]";
        foreach (string op in new[] { "MaxPool", "AvgPool" })
        {
            Graph graph = GraphText.Parse($"x = Placeholder() {{dtype=float, shape={shape}}}\ny = {op}(x) {{T=float, ksize={window}, strides={window}, padding=\"{padding}\", data_format=\"{format}\"}}");
            Assert.Equal(expected, new CpuBackend().InferShapes(graph, CompileOptions.Default)["y"][0].ToString());
        }
    }
}
