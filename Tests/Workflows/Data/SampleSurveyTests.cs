using TransformFramework.Graphs;
using TransformFramework.Workflows.Data;

namespace TransformFramework.Workflows.Tests.Data;

public sealed class SampleSurveyTests
{
    [Theory]
    [InlineData("Conv2D(x, w)", new float[] { 0, 200, 17, 33 }, true)]
    [InlineData("Conv2D(x, w)", new float[] { 0, 200.25f, 17.5f, 33 }, true)]
    [InlineData("Conv2D(x, w)", new float[] { 0, 0.9f, 0.25f, 1 }, false)]
    [InlineData("Conv2D(x, w)", new float[] { -100, 200, 17, 33 }, false)]
    [InlineData("Conv2D(x, w)", new float[] { 0, 300, 17, 33 }, false)]
    [InlineData("Mul(x, w)", new float[] { 0, 200, 17, 33 }, false)]
    public void Colour_values_that_the_graph_does_not_scale_are_told(string consumer, float[] values, bool isTold)
    {
        Graph graph = GraphText.Parse($$$"""
            x = Placeholder() {dtype=float, shape=(1,2,2,1)}
            w = Const() {dtype=float, value=float[1,1,1,1]{2}}
            y = {{{consumer}}} {T=float, padding="SAME", strides=[1,1,1,1]}
            """);
        var samples = Enumerable.Range(0, 20).Select(i => new Dictionary<string, Tensor> { ["x"] = Tensor.Create<float>(DataType.Float, TensorShape.Of(1, 2, 2, 1), [.. values[..3], values[3] - (i % 2 * values[3] / 4)]) });
        string[] found = [.. SampleSurvey.Of(graph, samples, default).Warnings.Select(warning => warning.Id)];
        Assert.Equal(isTold, found.Contains("TFX5034"));
        Assert.Equal(isTold, SampleSurvey.Unscaled(graph, "x", samples.First()["x"]) is not null);
    }
}
