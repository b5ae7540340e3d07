using TransformFramework.Execution;
using TransformFramework.Generated;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.GraphDefs;
using TransformFramework.Transforms;

namespace TransformFramework.Models;

/// <summary>The main job: the generated ResNet v1 50 by the scripts of the third example, node for node, number for number against the original.</summary>
public sealed class ResNet50Tests
{
    private const string Oracle = "oracle-models/resnet_v1_50/";
    private const string Missing = "../shared/oracle-models/resnet_v1_50 is not there";
    private const long MostBytes = 26_214_400;
    private const int Classes = 1000;

    /// <summary>The original writes the field of an empty function library; here an absent one stays absent.</summary>
    private const int EmptyLibrary = 2;

    /// <summary>Part of the largest magnitude by which float results may differ: sums are taken in another order.</summary>
    private const float Tolerance = 1e-4f;

    private static readonly Lazy<Graph> Model = new(() => ResNet50.Fill(DigitsData.Model("03-resnet50-int8", "skeleton.pb")));

    [Fact]
    public void The_generated_model_has_the_weights_of_the_recipe()
    {
        float[] first = Model.Value.Find("resnet_v1_50/conv1/weights")!.TensorAttribute("value")!.ToSingles()[..4];
        Assert.Equal([0.24285588f, -0.13428316f, 0.12243601f, 0.00931927f], first, (x, y) => MathF.Abs(x - y) < 1e-8f);
        Assert.Equal(102_593_410, GraphDefWriter.Measure(Model.Value));
    }

    [Theory]
    [InlineData(TransformMode.Safe)]
    [InlineData(TransformMode.Verbatim)]
    public void The_8_bit_graph_is_a_quarter_as_large(TransformMode mode) => Assert.InRange(GraphDefWriter.Measure(Transformed("int8", mode)), 1, MostBytes);

    [SkippableTheory]
    [InlineData("int8", 25_925_942)]
    [InlineData("fp32", 102_176_994)]
    [InlineData("round", 102_176_994)]
    public void A_script_writes_what_the_original_writes(string script, long bytes)
    {
        Graph graph = Transformed(script, TransformMode.Verbatim);
        Assert.Equal(bytes - EmptyLibrary, GraphDefWriter.Measure(graph));
        Assert.Null(CondensedGraph.Difference(CondensedGraph.Read(Golden($"{script}.condensed.pb")), graph));
    }

    [SkippableTheory]
    [InlineData("int8", TransformMode.Safe)]
    [InlineData("int8", TransformMode.Verbatim)]
    [InlineData("fp32", TransformMode.Safe)]
    [InlineData("round", TransformMode.Safe)]
    public void A_result_computes_what_it_computes_in_TensorFlow(string script, TransformMode mode)
    {
        float[] goldens = DigitsData.Archive(Golden("goldens.npz"))[script].ToSingles();
        IExecutable executable = ModelRuns.Backend.Compile(Transformed(script, mode), [ResNet50.Output], CompileOptions.Default);
        for (int image = 0; image < ResNet50.Images; image++)
        {
            float[] expected = goldens[(image * Classes)..((image + 1) * Classes)];
            float error = Tolerance * expected.Max(MathF.Abs);
            Assert.All(expected.Zip(executable.Run(Feeds(image))[0].ToSingles()), pair => Assert.InRange(pair.Second, pair.First - error, pair.First + error));
        }
    }

    [SkippableFact]
    public void Every_tensor_of_the_8_bit_graph_is_the_one_that_TensorFlow_computed() =>
        Assert.Null(TensorTrace.Difference(Golden("int8.trace.tsv.gz"), Transformed("int8", TransformMode.Verbatim), [ResNet50.Input], Feeds(0)));

    private static Graph Transformed(string script, TransformMode mode) =>
        ModelRuns.Transform(Model.Value, DigitsData.Script("03-resnet50-int8", script + ".gtt"), [ResNet50.Input], [ResNet50.Output], mode).Graph!;

    private static Dictionary<string, Tensor> Feeds(int image) => new(StringComparer.Ordinal) { [ResNet50.Input] = ResNet50.Image(image) };

    private static string Golden(string file)
    {
        string? path = SharedFiles.Find(Oracle + file);
        Skip.If(path is null, Missing);
        return path;
    }
}
