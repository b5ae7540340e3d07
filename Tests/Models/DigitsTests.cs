using TransformFramework.Dsl.Syntax;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Host.Models;
using TransformFramework.Host.Pipeline;
using TransformFramework.Host.PluginLoading;
using TransformFramework.Toolkit.Arrays;
using TransformFramework.Transforms;

namespace TransformFramework.Models;

/// <summary>What the original tool makes of the digits example, by recipe: bytes, right answers on the 600 test images, and answers that are the float graph's.</summary>
public sealed class DigitsTests
{
    private const string Output = "DigitsNet/Predictions/Reshape_1";
    private const string Fold = "add_default_attributes strip_unused_nodes(type=float, shape=\"1,32,32,1\") remove_nodes(op=Identity, op=CheckNumerics) fold_constants(ignore_errors=true) fold_batch_norms fold_old_batch_norms";
    private const string End = " strip_unused_nodes sort_by_execution_order";

    /// <summary>The original writes the field of an empty function library; here an absent one stays absent.</summary>
    private const int EmptyLibrary = 2;

    public static TheoryData<string, long, int, int> Variants() => new()
    {
        { Fold + End, 441_047, 596, 600 },
        { "quantize_weights", 141_821, 597, 599 },
        { Fold + " quantize_weights" + End, 122_407, 596, 600 },
        { "round_weights(num_steps=256)", 460_461, 596, 600 },
        { Fold + " quantize_weights quantize_nodes" + End, 165_004, 597, 599 },
    };

    [Theory]
    [MemberData(nameof(Variants))]
    public void A_variant_has_the_size_and_the_answers_of_the_original(string script, long bytes, int right, int same)
    {
        string folder = Path.Combine(Root(), "examples", "01-digits");
        using LoadedModel model = ModelFile.Open(Path.Combine(folder, "digits_cnn.pb"), CancellationToken.None);
        using Stream archive = File.OpenRead(Path.Combine(folder, "digits_test.npz"));
        var data = NpzFile.Read(archive);
        var options = new PipelineOptions { InputNames = ["Placeholder"], OutputNames = [Output], Mode = TransformMode.Verbatim };
        Graph graph = new TransformPipeline(PluginCatalog.Discover([])).Run(model.Graph, ScriptParser.Parse(script).Script!, options, CancellationToken.None).Graph!;
        int[] reference = Answers(model.Graph, data["images"]);
        int[] answers = Answers(graph, data["images"]);
        int[] labels = [.. data["labels"].Bytes.ToArray().Select(label => (int)label)];
        Assert.Equal(right, answers.Zip(labels).Count(pair => pair.First == pair.Second));
        Assert.Equal(same, answers.Zip(reference).Count(pair => pair.First == pair.Second));
        Assert.Equal(bytes - EmptyLibrary, GraphDefWriter.Measure(graph));
    }

    private static int[] Answers(Graph graph, Tensor images)
    {
        IExecutable executable = ModelRuns.Backend.Compile(graph, [Output], new CompileOptions { Feeds = ["Placeholder"] });
        int size = images.Bytes.Length / (int)images.Shape[0];
        return [.. Enumerable.Range(0, (int)images.Shape[0]).Select(i => Answer(executable, images.Bytes.Slice(i * size, size)))];
    }

    private static int Answer(IExecutable executable, ReadOnlyMemory<byte> image)
    {
        float[] pixels = [.. image.ToArray().Select(pixel => pixel / 255f)];
        var feeds = new Dictionary<string, Tensor>(StringComparer.Ordinal) { ["Placeholder"] = Tensor.Create<float>(DataType.Float, TensorShape.Of(1, 32, 32, 1), pixels) };
        float[] scores = executable.Run(feeds)[0].AsSpan<float>().ToArray();
        return Array.IndexOf(scores, scores.Max());
    }

    private static string Root()
    {
        string root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "TransformFramework.sln")))
            root = Path.GetDirectoryName(root) ?? throw new DirectoryNotFoundException("the repository's folder");
        return root;
    }
}
