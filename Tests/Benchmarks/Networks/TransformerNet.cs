using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Generated;
using TransformFramework.Graphs;

namespace TransformFramework.Benchmarks.Networks;

/// <summary>
/// The encoder of a transformer with hashed weights: layers of self-attention and of two dense layers with Gelu between them, each added to its input and normalized (Vaswani et al. 2017, as in BERT: Devlin et al. 2018).
/// </summary>
internal sealed class TransformerNet
{
    public const string Input = "input";

    private const int Positions = 128;
    private const int Width = 256;
    private const int Heads = 4;
    private const int Inner = 1024;
    private const int Layers = 2;

    private readonly ImmutableArray<Node>.Builder nodes = ImmutableArray.CreateBuilder<Node>();

    private TransformerNet()
    {
        nodes.Add(new Node(Input, "Placeholder").With("dtype", DataType.Float).With("shape", Sequence));
        Shape("rows", Positions, Width);
        Shape("heads", 1, Positions, Heads, Width / Heads);
        Shape("heads_first", 0, 2, 1, 3);
        Shape("last", -1);
        Scalar("epsilon", 1e-5f);
        Scalar("half", 0.5f);
        Scalar("one", 1);
        Scalar("root_of_half", MathF.Sqrt(0.5f));
        Scalar("per_root_of_depth", 1 / MathF.Sqrt(Width / Heads));
    }

    /// <summary>Embedded tokens.</summary>
    public static TensorShape Sequence { get; } = TensorShape.Of(1, Positions, Width);

    /// <summary>The encoder.</summary>
    public static Network Encoder()
    {
        var net = new TransformerNet();
        string last = net.Add("flat", "Reshape", Input, "rows");
        for (int layer = 0; layer < Layers; layer++)
            last = net.Layer(string.Create(CultureInfo.InvariantCulture, $"layer{layer}"), last);
        return new("transformer", new(net.nodes.ToImmutable()), Input, Sequence, last);
    }

    private string Layer(string name, string input)
    {
        string attended = Dense($"{name}/attended", Attention(name, input), Width, Width);
        string middle = Normalized($"{name}/norm1", Add($"{name}/sum1", "AddV2", attended, input));
        string dense = Dense($"{name}/inner", middle, Width, Inner);
        string outer = Dense($"{name}/outer", Gelu($"{name}/gelu", dense), Inner, Width);
        return Normalized($"{name}/norm2", Add($"{name}/sum2", "AddV2", outer, middle));
    }

    private string Attention(string name, string input)
    {
        string[] split = [.. ((string[])["query", "key", "value"]).Select(part => Split($"{name}/{part}", Dense($"{name}/{part}", input, Width, Width)))];
        nodes.Add(new Node($"{name}/products", "BatchMatMulV2", [split[0], split[1]]).With("T", DataType.Float).With("adj_x", false).With("adj_y", true));
        string shares = Add($"{name}/shares", "Softmax", Add($"{name}/scaled", "Mul", $"{name}/products", "per_root_of_depth"));
        nodes.Add(new Node($"{name}/mixed", "BatchMatMulV2", [shares, split[2]]).With("T", DataType.Float).With("adj_x", false).With("adj_y", false));
        string joined = Add($"{name}/joined", "Transpose", $"{name}/mixed", "heads_first");
        return Add($"{name}/rows", "Reshape", joined, "rows");
    }

    private string Split(string name, string dense) => Add($"{name}/split", "Transpose", Add($"{name}/heads", "Reshape", dense, "heads"), "heads_first");

    private string Gelu(string name, string x)
    {
        string erf = Add($"{name}/erf", "Erf", Add($"{name}/scaled", "Mul", x, "root_of_half"));
        return Add(name, "Mul", Add($"{name}/share", "Mul", Add($"{name}/plus_one", "AddV2", erf, "one"), "half"), x);
    }

    private string Normalized(string name, string x)
    {
        string centred = Add($"{name}/centred", "Sub", x, Mean($"{name}/mean", x));
        string variance = Mean($"{name}/variance", Add($"{name}/squares", "Mul", centred, centred));
        string deviation = Add($"{name}/deviation", "Sqrt", Add($"{name}/plus", "AddV2", variance, "epsilon"));
        Weight($"{name}/gamma", TensorShape.Of(Width), 2);
        Weight($"{name}/beta", TensorShape.Of(Width), 800);
        return Add(name, "AddV2", Add($"{name}/factored", "Mul", Add($"{name}/quotient", "RealDiv", centred, deviation), $"{name}/gamma"), $"{name}/beta");
    }

    private string Mean(string name, string x)
    {
        nodes.Add(new Node(name, "Mean", [x, "last"]).With("T", DataType.Float).With("Tidx", DataType.Int32).With("keep_dims", true));
        return name;
    }

    private string Dense(string name, string x, int depth, int columns)
    {
        Weight($"{name}/weights", TensorShape.Of(depth, columns), depth);
        Weight($"{name}/bias", TensorShape.Of(columns), 800);
        return Add($"{name}/biased", "BiasAdd", Add(name, "MatMul", x, $"{name}/weights"), $"{name}/bias");
    }

    private string Add(string name, string op, params ReadOnlySpan<NodeInput> inputs)
    {
        nodes.Add(new Node(name, op, inputs).With("T", DataType.Float));
        return name;
    }

    private void Weight(string name, TensorShape shape, long summed) => nodes.Add(Node.Constant(name, HashedWeights.Of(name, shape, summed)));

    private void Scalar(string name, float value) => nodes.Add(Node.Constant(name, Tensor.Scalar(value)));

    private void Shape(string name, params int[] dimensions) => nodes.Add(Node.Constant(name, Tensor.Create<int>(DataType.Int32, TensorShape.Of(dimensions.Length), dimensions)));
}
