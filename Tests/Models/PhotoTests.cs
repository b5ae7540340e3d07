using TransformFramework.Engine.Models;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Workflows.Data;

namespace TransformFramework.Models;

/// <summary>A real classifier on a real photo, fed as the command line feeds it.</summary>
public sealed class PhotoTests
{
    [SkippableFact]
    public void MobileNet_recognizes_the_uniform_of_Grace_Hopper()
    {
        string? photo = SharedFiles.Find("models/grace_hopper.jpg");
        string? file = SharedFiles.Find("models/mobilenet_v2_imagenet/mobilenet_v2_1.0_224_from_quant_float.pb");
        string? names = SharedFiles.Find("models/mobilenet_v2_imagenet/labels_1001.txt");
        Skip.If(photo is null || file is null || names is null, ModelRuns.Missing);
        using LoadedModel model = ModelFile.Open(file!, CancellationToken.None);
        Tensor image = FeedReader.Read($"{photo}?size=224x224&mean=127.5&divide=127.5", DataType.Float, TensorShape.Of(1, 224, 224, 3));
        float[] scores = ModelRuns.Backend.Compile(model.Graph, ["output"], CompileOptions.Default).Run(new Dictionary<string, Tensor>(StringComparer.Ordinal) { ["input"] = image })[0].AsSpan<float>().ToArray();
        Assert.Equal("military uniform", File.ReadAllLines(names!)[Array.IndexOf(scores, scores.Max())]);
    }
}
