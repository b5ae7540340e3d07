using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;

namespace TransformFramework.Runtime.Tests;

public sealed class CpuGraphTests
{
    private static readonly string Digits = Path.Combine(AppContext.BaseDirectory, "digits_cnn.pb");

    [Fact]
    public void A_file_is_loaded_and_run_by_the_names_it_has()
    {
        using CpuGraph graph = CpuGraph.Load(Digits);
        Assert.Equal(["Placeholder"], graph.Inputs.AsEnumerable());
        Assert.Contains("DigitsNet/Predictions/Reshape_1", graph.Outputs);
        int scores = graph.Outputs.IndexOf("DigitsNet/Predictions/Reshape_1");
        Assert.Equal(1, Sum(graph.Run(Image(graph))[scores]), 1e-5);
    }

    [Fact]
    public void Results_go_into_the_callers_buffers()
    {
        using CpuGraph graph = CpuGraph.Load(Digits, ["DigitsNet/Predictions/Reshape_1"]);
        byte[] scores = new byte[10 * sizeof(float)];
        graph.Run(Image(graph), [scores]);
        Assert.Equal(graph.Run(Image(graph))[0].Bytes.ToArray(), scores);
    }

    [Fact]
    public void A_graph_of_the_program_is_compiled()
    {
        using CpuGraph graph = CpuGraph.Compile(GraphText.Parse("""
            x = Placeholder() {dtype=float, shape=(2)}
            y = Neg(x) {T=float}
            """));
        Tensor result = graph.Run(new Dictionary<string, Tensor> { ["x"] = Tensor.Create<float>(DataType.Float, TensorShape.Of(2), [1, -2]) })[0];
        Assert.Equal([-1, 2], result.AsSpan<float>().ToArray());
    }

    [Fact]
    public void An_output_that_is_not_there_is_named() =>
        Assert.Contains("no_such", Assert.Throws<ExecutionException>(() => CpuGraph.Load(Digits, ["no_such"])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("not a graph")]
    public void What_is_no_graph_is_refused_by_its_path(string content)
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("runtime").FullName, "model.pb");
        File.WriteAllText(path, content);
        Assert.Contains(path, Assert.Throws<ModelFormatException>(() => CpuGraph.Load(path)).Message, StringComparison.Ordinal);
        Assert.Contains("missing.pb", Assert.Throws<ModelFormatException>(() => CpuGraph.Load("missing.pb")).Message, StringComparison.Ordinal);
    }

    private static Dictionary<string, Tensor> Image(CpuGraph graph)
    {
        Tensor image = Tensor.Allocate(DataType.Float, TensorShape.Of(1, 32, 32, 1), out Span<float> pixels);
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = i % 7 / 7f;
        return new() { [graph.Inputs[0]] = image };
    }

    private static float Sum(Tensor tensor)
    {
        float sum = 0;
        foreach (float value in tensor.AsSpan<float>())
            sum += value;
        return sum;
    }
}
