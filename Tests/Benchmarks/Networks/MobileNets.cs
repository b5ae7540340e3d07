using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Generated;
using TransformFramework.Graphs;

namespace TransformFramework.Benchmarks.Networks;

/// <summary>MobileNet v1 and v2, width 1.0, for pictures of 224 × 224, with hashed weights: convolution, bias and relu6, batch norms folded (Howard et al. 2017, Sandler et al. 2018).</summary>
internal sealed class MobileNets
{
    public const string Input = "input";
    public const string Output = "predictions";

    private const int Classes = 1001;

    private readonly ImmutableArray<Node>.Builder nodes = ImmutableArray.CreateBuilder<Node>();
    private string last = Input;
    private int channels = 3;
    private int layers;

    private MobileNets() => nodes.Add(new Node(Input, "Placeholder").With("dtype", DataType.Float).With("shape", TensorShape.Of(-1, 224, 224, 3)));

    public static Graph Version1()
    {
        var net = new MobileNets();
        net.Convolution(32, size: 3, stride: 2, isClamped: true);
        ReadOnlySpan<(int Channels, int Stride)> blocks =
            [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1), (512, 1), (512, 1), (512, 1), (512, 1), (1024, 2), (1024, 1)];
        foreach (var (columns, stride) in blocks)
        {
            net.Depthwise(stride);
            net.Convolution(columns, size: 1, stride: 1, isClamped: true);
        }
        return net.Classify();
    }

    public static Graph Version2()
    {
        var net = new MobileNets();
        net.Convolution(32, size: 3, stride: 2, isClamped: true);
        ReadOnlySpan<(int Expansion, int Channels, int Repeats, int Stride)> stages =
            [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)];
        foreach (var (expansion, columns, repeats, stride) in stages)
        {
            for (int i = 0; i < repeats; i++)
                net.Bottleneck(expansion, columns, i == 0 ? stride : 1);
        }
        net.Convolution(1280, size: 1, stride: 1, isClamped: true);
        return net.Classify();
    }

    private void Bottleneck(int expansion, int columns, int stride)
    {
        string shortcut = last;
        int before = channels;
        if (expansion > 1)
            Convolution(channels * expansion, size: 1, stride: 1, isClamped: true);
        Depthwise(stride);
        Convolution(columns, size: 1, stride: 1, isClamped: false);
        if (stride == 1 && before == columns)
            last = Add(Named("add"), "Add", last, shortcut);
    }

    private void Convolution(int columns, int size, int stride, bool isClamped)
    {
        string name = Named("conv");
        Weight($"{name}/weights", HashedWeights.Of($"{name}/weights", TensorShape.Of(size, size, channels, columns)));
        channels = columns;
        Finish(name, Strided(new Node(name, "Conv2D", [last, $"{name}/weights"]), stride), isClamped);
    }

    private void Depthwise(int stride)
    {
        string name = Named("depthwise");
        Weight($"{name}/weights", HashedWeights.Of($"{name}/weights", TensorShape.Of(3, 3, channels, 1), summed: 9));
        Finish(name, Strided(new Node(name, "DepthwiseConv2dNative", [last, $"{name}/weights"]), stride), isClamped: true);
    }

    private void Finish(string name, Node convolution, bool isClamped)
    {
        nodes.Add(convolution);
        Weight($"{name}/bias", HashedWeights.Of($"{name}/bias", TensorShape.Of(channels), summed: 800));
        last = Add($"{name}/biased", "BiasAdd", name, $"{name}/bias");
        if (isClamped)
            last = Add($"{name}/relu6", "Relu6", last);
    }

    private Graph Classify()
    {
        nodes.Add(Node.Constant("axes", Tensor.Create<int>(DataType.Int32, TensorShape.Of(2), [1, 2])));
        nodes.Add(new Node("pool", "Mean", [last, "axes"]).With("T", DataType.Float).With("Tidx", DataType.Int32).With("keep_dims", false));
        Weight("logits/weights", HashedWeights.Of("logits/weights", TensorShape.Of(channels, Classes)));
        Weight("logits/bias", HashedWeights.Of("logits/bias", TensorShape.Of(Classes), summed: 800));
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
