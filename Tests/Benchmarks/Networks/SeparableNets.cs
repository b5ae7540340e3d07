using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Generated;
using TransformFramework.Graphs;

namespace TransformFramework.Benchmarks.Networks;

/// <summary>
/// Networks of depthwise separable convolutions with hashed weights, batch norms folded: MobileNet v1 and v2 of width 1.0 for images of 224 × 224 (Howard et al. 2017, Sandler et al. 2018), and the small
/// DS-CNN that spots keywords in 49 × 10 cepstral coefficients (Zhang et al. 2017).
/// </summary>
internal sealed class SeparableNets
{
    public const string Input = "input";
    public const string Output = "predictions";

    private const string Clamp = "Relu6";
    private const string Rectify = "Relu";

    private const int ImageClasses = 1001;
    private const int Keywords = 12;

    private readonly ImmutableArray<Node>.Builder nodes = ImmutableArray.CreateBuilder<Node>();
    private string last = Input;
    private int channels;
    private int layers;

    private SeparableNets(TensorShape input)
    {
        channels = (int)input[3];
        nodes.Add(new Node(Input, "Placeholder").With("dtype", DataType.Float).With("shape", TensorShape.Of(-1, input[1], input[2], input[3])));
    }

    /// <summary>Input of the MobileNets.</summary>
    public static TensorShape Image { get; } = TensorShape.Of(1, 224, 224, 3);

    /// <summary>Input of the keyword net: times and coefficients.</summary>
    public static TensorShape Cepstrum { get; } = TensorShape.Of(1, 49, 10, 1);

    public static Graph Version1()
    {
        var net = new SeparableNets(Image);
        net.Convolution(32, 3, 3, stride: 2, Clamp);
        ReadOnlySpan<(int Channels, int Stride)> blocks =
            [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1), (512, 1), (512, 1), (512, 1), (512, 1), (1024, 2), (1024, 1)];
        foreach (var (columns, stride) in blocks)
        {
            net.Depthwise(stride, Clamp);
            net.Convolution(columns, 1, 1, stride: 1, Clamp);
        }
        return net.Classify(ImageClasses);
    }

    public static Graph Version2()
    {
        var net = new SeparableNets(Image);
        net.Convolution(32, 3, 3, stride: 2, Clamp);
        ReadOnlySpan<(int Expansion, int Channels, int Repeats, int Stride)> stages =
            [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)];
        foreach (var (expansion, columns, repeats, stride) in stages)
        {
            for (int i = 0; i < repeats; i++)
                net.Bottleneck(expansion, columns, i == 0 ? stride : 1);
        }
        net.Convolution(1280, 1, 1, stride: 1, Clamp);
        return net.Classify(ImageClasses);
    }

    public static Graph KeywordSpotting()
    {
        const int blocks = 4;
        const int columns = 64;
        var net = new SeparableNets(Cepstrum);
        net.Convolution(columns, 10, 4, stride: 2, Rectify);
        for (int i = 0; i < blocks; i++)
        {
            net.Depthwise(stride: 1, Rectify);
            net.Convolution(columns, 1, 1, stride: 1, Rectify);
        }
        return net.Classify(Keywords);
    }

    private void Bottleneck(int expansion, int columns, int stride)
    {
        string shortcut = last;
        int before = channels;
        if (expansion > 1)
            Convolution(channels * expansion, 1, 1, stride: 1, Clamp);
        Depthwise(stride, Clamp);
        Convolution(columns, 1, 1, stride: 1, activation: null);
        if (stride == 1 && before == columns)
            last = Add(Named("add"), "Add", last, shortcut);
    }

    private void Convolution(int columns, int height, int width, int stride, string? activation)
    {
        string name = Named("conv");
        Weight($"{name}/weights", HashedWeights.Of($"{name}/weights", TensorShape.Of(height, width, channels, columns)));
        channels = columns;
        Finish(name, Strided(new Node(name, "Conv2D", [last, $"{name}/weights"]), stride), activation);
    }

    private void Depthwise(int stride, string activation)
    {
        string name = Named("depthwise");
        Weight($"{name}/weights", HashedWeights.Of($"{name}/weights", TensorShape.Of(3, 3, channels, 1), summed: 9));
        Finish(name, Strided(new Node(name, "DepthwiseConv2dNative", [last, $"{name}/weights"]), stride), activation);
    }

    private void Finish(string name, Node convolution, string? activation)
    {
        nodes.Add(convolution);
        Weight($"{name}/bias", HashedWeights.Of($"{name}/bias", TensorShape.Of(channels), summed: 800));
        last = Add($"{name}/biased", "BiasAdd", name, $"{name}/bias");
        if (activation is not null)
            last = Add($"{name}/activation", activation, last);
    }

    private Graph Classify(int classes)
    {
        nodes.Add(Node.Constant("axes", Tensor.Create<int>(DataType.Int32, TensorShape.Of(2), [1, 2])));
        nodes.Add(new Node("pool", "Mean", [last, "axes"]).With("T", DataType.Float).With("Tidx", DataType.Int32).With("keep_dims", false));
        Weight("logits/weights", HashedWeights.Of("logits/weights", TensorShape.Of(channels, classes)));
        Weight("logits/bias", HashedWeights.Of("logits/bias", TensorShape.Of(classes), summed: 800));
        nodes.Add(new Node("logits", "MatMul", ["pool", "logits/weights"]).With("T", DataType.Float));
        Add(Output, "Softmax", Add("logits/biased", "BiasAdd", "logits", "logits/bias"));
        return new(nodes.ToImmutable());
    }

    private void Weight(string name, Tensor value) => nodes.Add(Node.Constant(name, value));

    private string Add(string name, string op, params ReadOnlySpan<NodeInput> inputs)
    {
        nodes.Add(new Node(name, op, inputs).With("T", DataType.Float));
        return name;
    }

    private static Node Strided(Node node, int stride) =>
        node.With("T", DataType.Float).With("strides", AttributeValue.Ints(1, stride, stride, 1)).With("padding", "SAME").With("data_format", "NHWC");

    private string Named(string kind) => string.Create(CultureInfo.InvariantCulture, $"{kind}_{layers++}");
}
