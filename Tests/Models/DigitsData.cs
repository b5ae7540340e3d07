using TransformFramework.Engine.Pipeline;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Arrays;
using TransformFramework.Toolkit.GraphDefs;
using TransformFramework.Transforms;

namespace TransformFramework.Models;

/// <summary>The models and images of the digits examples; images are fed one at a time, pixels divided by 255.</summary>
internal static class DigitsData
{
    public const string Input = "Placeholder";
    public const string Output = "DigitsNet/Predictions/Reshape_1";

    private static readonly string Examples = RepositoryFiles.PathOf("examples");

    private static readonly Lazy<IReadOnlyDictionary<string, Tensor>> TestSet = new(() => Archive(Path.Combine(Examples, "01-digits", "digits_test.npz")));

    /// <summary>The 600 test images, uint8 [600,32,32,1].</summary>
    public static Tensor Images => TestSet.Value["images"];

    /// <summary>200 of the training images, as the test images.</summary>
    public static Tensor CalibrationImages => Archive(Path.Combine(Examples, "01-digits", "digits_calibration.npz"))["images"];

    public static int[] Labels => [.. TestSet.Value["labels"].Bytes.ToArray().Select(label => (int)label)];

    public static Graph Model(params string[] path) => GraphDefReader.Read(File.ReadAllBytes(Path.Combine([Examples, .. path])));

    public static string Script(params string[] path) => File.ReadAllText(Path.Combine([Examples, .. path]));

    public static IReadOnlyDictionary<string, Tensor> Archive(string path)
    {
        using Stream archive = File.OpenRead(path);
        return NpzFile.Read(archive);
    }

    public static PipelineResult Transform(Graph graph, string script, TransformMode mode) => ModelRuns.Transform(graph, script, [Input], [Output], mode);

    public static IExecutable Compile(Graph graph, Action<string>? print = null) => ModelRuns.Backend.Compile(graph, [Output], new CompileOptions { Feeds = [Input], Print = print });

    public static float[] Scores(IExecutable executable, Tensor images, int index)
    {
        int size = images.Bytes.Length / (int)images.Shape[0];
        float[] pixels = [.. images.Bytes.Slice(index * size, size).ToArray().Select(pixel => pixel / 255f)];
        var feeds = new Dictionary<string, Tensor>(StringComparer.Ordinal) { [Input] = Tensor.Create<float>(DataType.Float, TensorShape.Of(1, 32, 32, 1), pixels) };
        return executable.Run(feeds)[0].AsSpan<float>().ToArray();
    }

    /// <summary>The class that a graph gives each test image.</summary>
    public static int[] Answers(Graph graph)
    {
        IExecutable executable = Compile(graph);
        return [.. Enumerable.Range(0, (int)Images.Shape[0]).Select(i => Scores(executable, Images, i)).Select(scores => Array.IndexOf(scores, scores.Max()))];
    }

    public static int Right(int[] answers) => Same(answers, Labels);

    public static int Same(int[] answers, int[] others) => answers.Zip(others).Count(pair => pair.First == pair.Second);
}
