using TransformFramework.Engine.Models;
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
        ["transformer"] = TransformerNet.Encoder,
        ["lstm_256"] = RecurrentNets.OfLstm,
        ["gru_256"] = RecurrentNets.OfGru,
        ["lstm"] = () => OfFile("lstm", "torch-lstm-op14.onnx", TensorShape.Of(1, 20, 6)),
        ["gru"] = () => OfFile("gru", "torch-gru-op13.onnx", TensorShape.Of(2, 5, 6)),
        ["attention"] = () => OfFile("attention", "torch-attention-op17.onnx", TensorShape.Of(2, 7, 16)),
    };

    /// <summary>The networks whose files are at hand.</summary>
    public static IEnumerable<string> Available => All.Keys.Where(name => name is not ("lstm" or "gru" or "attention") || Places.OnnxOracle("index.jsonl") is not null);

    /// <summary>The ONNX file that both engines read; null for a graph of our own, which is exported.</summary>
    public string? OnnxFile { get; private init; }

    /// <summary>True for networks of products whose data are quantized in each run, row by row; others have 8-bit convolutions.</summary>
    public bool IsSequence => OnnxFile is not null || Name is "transformer" or "lstm_256" or "gru_256";

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

    /// <summary>A network of one input and one output that PyTorch wrote.</summary>
    private static Network OfFile(string name, string file, TensorShape shape)
    {
        string path = Places.OnnxOracle(file) ?? throw new FileNotFoundException($"no shared/oracle-onnx/{file} above this program");
        LoadedModel model = Engine.Open(path);
        return new(name, model.Graph, model.Endpoints.Inputs[0].Tensor, shape, model.Endpoints.Outputs[0].Tensor) { OnnxFile = path };
    }
}
