using TransformFramework.Generated;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.GraphDefs;

namespace TransformFramework.Benchmarks.Networks;

/// <summary>A network to measure: its float graph with one input and one output.</summary>
internal sealed record Network(string Name, Graph Graph, string Input, TensorShape InputShape, string Output)
{
    /// <summary>Every network by name; a graph is made when it is asked for.</summary>
    public static readonly IReadOnlyDictionary<string, Func<Network>> All = new Dictionary<string, Func<Network>>(StringComparer.Ordinal)
    {
        ["resnet50_v1"] = () => new("resnet50_v1", ResNet50.Fill(GraphDefReader.Read(File.ReadAllBytes(Places.Skeleton()))), ResNet50.Input, SeparableNets.Image, ResNet50.Output),
        ["mobilenet_v1"] = () => new("mobilenet_v1", SeparableNets.Version1(), SeparableNets.Input, SeparableNets.Image, SeparableNets.Output),
        ["mobilenet_v2"] = () => new("mobilenet_v2", SeparableNets.Version2(), SeparableNets.Input, SeparableNets.Image, SeparableNets.Output),
        ["keywords"] = () => new("keywords", SeparableNets.KeywordSpotting(), SeparableNets.Input, SeparableNets.Cepstrum, SeparableNets.Output),
        ["digits"] = () => new("digits", GraphDefReader.Read(File.ReadAllBytes(Places.Digits())), "Placeholder", TensorShape.Of(1, 32, 32, 1), "DigitsNet/Predictions/Reshape_1"),
    };

    /// <summary>True when the original's 8-bit version is measured too.</summary>
    public bool HasClassicForm => Name == "resnet50_v1";

    /// <summary>An image of noise within ±1.</summary>
    public Tensor Noise()
    {
        var random = new Random(1);
        Tensor tensor = Tensor.Allocate<float>(DataType.Float, InputShape, out Span<float> values);
        for (int i = 0; i < values.Length; i++)
            values[i] = (random.NextSingle() * 2) - 1;
        return tensor;
    }
}
