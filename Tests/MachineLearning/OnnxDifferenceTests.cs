using Microsoft.ML;
using Microsoft.ML.Data;
using TransformFramework.Engine;
using TransformFramework.Graphs;
using TransformFramework.Workflows;

namespace TransformFramework.MachineLearning.Tests;

/// <summary>The same trained network, ResNet-18 of ML.NET's own package, scored by ML.NET's ONNX Runtime and by ours, in float and quantized.</summary>
public sealed class OnnxDifferenceTests
{
    private const string Package = "microsoft.ml.dnnimagefeaturizer.resnet18/0.23.1/tools/DnnImageModels/ResNet18Onnx/ResNet18.onnx";
    private const int Pixels = 3 * 224 * 224;

    private readonly MLContext context = new(seed: 1);

    [SkippableFact]
    public void Float_scores_are_those_of_ONNX_Runtime_and_quantized_ones_are_near()
    {
        string path = Path.Combine(Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages"), Package);
        Skip.IfNot(File.Exists(path), "the package Microsoft.ML.DnnImageFeaturizer.ResNet18 0.23.1 is not in the NuGet cache");
        TransformEngine engine = Programs.Engine();
        using Model model = engine.Load(path);
        ModelEndpointNames names = new(model.Inputs[0].Name, model.Outputs[0].Name);
        IDataView images = context.Data.LoadFromEnumerable(Images().Select(values => new Image { Values = values }));

        float[][] theirs = Scores(context.Transforms.ApplyOnnxModel([names.Output], [names.Input], path, new Dictionary<string, int[]> { [names.Input] = [1, 3, 224, 224] }, gpuDeviceId: null, fallbackToCpu: false, recursionLimit: 100)
            .Fit(Renamed(images, names.Input)).Transform(Renamed(images, names.Input)), names.Output);
        float[][] ours = Scores(context.Transforms.ApplyGraph(model, [("Scores", names.Output)], [("Values", names.Input)], [[1, 3, 224, 224]], engine).Fit(images).Transform(images), "Scores");
        Assert.Equal(theirs.Length, ours.Length);
        for (int i = 0; i < ours.Length; i++)
            Assert.True(Distance(theirs[i], ours[i]) < 1e-4, $"image {i}: {Distance(theirs[i], ours[i])}");

        var samples = Images().Select(values => new Dictionary<string, Tensor> { [names.Input] = Tensor.Create<float>(DataType.Float, TensorShape.Of(1, 3, 224, 224), values) }).ToArray();
        QuantizedModel quantized = new ModelWorkflows(engine).Quantize(model, samples, new() { Method = Toolkit.Calibration.RangeMethod.MinMax, Equalizes = false, CorrectsBiases = false });
        float[][] integers = Scores(context.Transforms.ApplyGraph(quantized.Model, [("Scores", names.Output)], [("Values", names.Input)], [[1, 3, 224, 224]], engine).Fit(images).Transform(images), "Scores");
        for (int i = 0; i < ours.Length; i++)
            Assert.True(Distance(theirs[i], integers[i]) < 0.1, $"image {i} in 8 bits: {Distance(theirs[i], integers[i])}");
    }

    private IDataView Renamed(IDataView images, string name) => context.Transforms.CopyColumns(name, "Values").Fit(images).Transform(images);

    private static float[][] Scores(IDataView scored, string column) => [.. scored.GetColumn<float[]>(column)];

    /// <summary>Length of the difference relative to the reference's.</summary>
    private static double Distance(float[] reference, float[] actual)
    {
        Assert.Equal(reference.Length, actual.Length);
        double difference = 0, length = 0;
        for (int i = 0; i < reference.Length; i++)
        {
            difference += Math.Pow(reference[i] - actual[i], 2);
            length += Math.Pow(reference[i], 2);
        }
        return Math.Sqrt(difference / length);
    }

    /// <summary>Soft gradients with spots, normalized as the network expects.</summary>
    private static IEnumerable<float[]> Images()
    {
        for (int image = 0; image < 3; image++)
        {
            float[] values = new float[Pixels];
            for (int i = 0; i < Pixels; i++)
            {
                int x = i % 224, y = i / 224 % 224, channel = i / (224 * 224);
                values[i] = (float)(Math.Sin((x * (image + 1) / 20.0) + channel) + Math.Cos(y * (image + 2) / 30.0));
            }
            yield return values;
        }
    }

    private sealed record ModelEndpointNames(string Input, string Output);

    private sealed class Image
    {
        [VectorType(Pixels)]
        public float[] Values { get; set; } = [];
    }
}
