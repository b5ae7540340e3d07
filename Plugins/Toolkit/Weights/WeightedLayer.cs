using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Weights;

/// <summary>A convolution or matrix product as its weights see it: which element belongs to which input and output channel.</summary>
public sealed class WeightedLayer
{
    private WeightedLayer(Node node, int dataInput, Tensor weights, ChannelLayout layout, ChannelIndex inputs, ChannelIndex outputs)
    {
        Node = node;
        DataInput = dataInput;
        Weights = weights;
        Layout = layout;
        Inputs = inputs;
        Outputs = outputs;
    }

    public Node Node { get; }

    /// <summary>Number of the data input among the node's inputs.</summary>
    public int DataInput { get; }

    /// <summary>Number of the weights among the node's inputs: the second, always.</summary>
    public const int WeightsInput = 1;

    public Tensor Weights { get; }

    public ChannelLayout Layout { get; }

    private ChannelIndex Inputs { get; }

    private ChannelIndex Outputs { get; }

    /// <summary>Input channels of the weights: for a convolution in groups those of one group.</summary>
    public int InputChannels => Inputs.Count;

    public int OutputChannels => Outputs.Count;

    /// <summary>True when every output sums over the same number of inputs: no zeros are added at the borders.</summary>
    public bool IsUnpadded => Node.Op == "MatMul" || (Node.Op != "Conv2DBackpropInput" && Node.String("padding", "") == "VALID");

    /// <summary>True for the ops that can be folded into.</summary>
    public static bool IsOne(Node node) => node.Op is "Conv2D" or "Conv3D" or "DepthwiseConv2dNative" or "Conv2DBackpropInput" or "MatMul";

    /// <summary>True for a matrix product whose weights are [output channels, input channels].</summary>
    public static bool HasTransposedWeights(Node node) => node.Bool("transpose_b", false);

    /// <summary>The op with its weights; null with the reason when they are not a float constant of the op's rank.</summary>
    public static WeightedLayer? Of(Node node, ConstantValues constants, out string? reason)
    {
        int rank = node.Op switch { "MatMul" => 2, "Conv3D" => 5, _ => 4 };
        reason = null;
        if (node.DataInputs.Count() <= WeightsInput || constants.Find(node.Inputs[WeightsInput]) is not { } weights)
            reason = $"the weights of '{node.Name}' are not constant";
        else if (weights.Type != DataType.Float || weights.Shape.Rank != rank || weights.ElementCount == 0)
            reason = $"the weights of '{node.Name}' are {weights}, not float of rank {rank}";
        else
            return Of(node, weights, rank);
        return null;
    }

    /// <summary>Whether the op takes data of so many channels: those of the weights, or of a Conv2D a multiple of them, which it then convolves in groups.</summary>
    public bool Takes(int channels) =>
        channels == Inputs.Count || (Node.Op == "Conv2D" && channels > Inputs.Count && channels % Inputs.Count == 0 && Outputs.Count % (channels / Inputs.Count) == 0);

    /// <summary>The data channel that a weight is multiplied with.</summary>
    /// <param name="element">Number of the weight.</param>
    /// <param name="channels">Channels of the data, which the op takes.</param>
    public int DataChannel(int element, int channels) =>
        channels == Inputs.Count ? Inputs.At(element) : (Outputs.At(element) / (Outputs.Count * Inputs.Count / channels) * Inputs.Count) + Inputs.At(element);

    /// <summary>The weights with each output channel multiplied by its factor, rounded once.</summary>
    public Tensor ScaledOutputs(float[] factors) => Scaled(Weights, Outputs.At, factors);

    /// <summary>The weights with each channel of the data multiplied by its factor, rounded once.</summary>
    public Tensor ScaledInputs(float[] factors) => Scaled(Weights, element => DataChannel(element, factors.Length), factors);

    /// <summary>The weights with each channel multiplied by its factors.</summary>
    public Tensor Scaled(float[] inputFactors, float[] outputFactors) => Scaled(Scaled(Weights, Inputs.At, inputFactors), Outputs.At, outputFactors);

    /// <summary>What a constant offset per channel of the data adds to each output channel, where nothing is padded: sums of weight times offset.</summary>
    public float[] OutputsOf(float[] offsets) => OutputsOf(Weights, offsets);

    /// <summary>The same for other weights in the shape of this op's.</summary>
    public float[] OutputsOf(Tensor weights, float[] offsets)
    {
        double[] sums = new double[Outputs.Count];
        ReadOnlySpan<float> values = weights.AsSpan<float>();
        for (int i = 0; i < values.Length; i++)
            sums[Outputs.At(i)] += (double)values[i] * offsets[DataChannel(i, offsets.Length)];
        return [.. sums.Select(sum => (float)sum)];
    }

    /// <summary>The smallest sum of products of each output channel that inputs between two ends, or padded zeros, can give.</summary>
    public float[] SmallestResults(float min, float max)
    {
        double[] sums = new double[Outputs.Count];
        ReadOnlySpan<float> values = Weights.AsSpan<float>();
        for (int i = 0; i < values.Length; i++)
            sums[Outputs.At(i)] += Math.Min(0, Math.Min((double)values[i] * min, (double)values[i] * max));
        return [.. sums.Select(sum => (float)sum)];
    }

    /// <summary>The largest magnitude among each output channel's weights, when the channels are multiplied by these factors.</summary>
    public float[] LargestByOutput(float[] inputFactors, float[] outputFactors) => Largest(Outputs, inputFactors, outputFactors);

    /// <summary>The largest magnitude among each input channel's weights, when the channels are multiplied by these factors.</summary>
    public float[] LargestByInput(float[] inputFactors, float[] outputFactors) => Largest(Inputs, inputFactors, outputFactors);

    private float[] Largest(ChannelIndex channels, float[] inputFactors, float[] outputFactors)
    {
        float[] largest = new float[channels.Count];
        ReadOnlySpan<float> values = Weights.AsSpan<float>();
        for (int i = 0; i < values.Length; i++)
        {
            float magnitude = Math.Abs(values[i] * inputFactors[Inputs.At(i)] * outputFactors[Outputs.At(i)]);
            ref float best = ref largest[channels.At(i)];
            best = Math.Max(best, magnitude);
        }
        return largest;
    }

    private static WeightedLayer Of(Node node, Tensor weights, int rank)
    {
        TensorShape shape = weights.Shape;
        bool channelsFirst = node.String("data_format", "") is "NCHW" or "NCDHW";
        var layout = new ChannelLayout(rank, channelsFirst ? 1 : rank - 1);
        int before = (int)shape[rank - 2];
        int last = (int)shape[rank - 1];
        if (node.Op == "Conv2DBackpropInput" || HasTransposedWeights(node))
            return new(node, node.Op == "MatMul" ? 0 : 2, weights, layout, new(1, last), new(last, before));
        return node.Op == "DepthwiseConv2dNative"
            ? new(node, 0, weights, layout, new(last, before), new(1, before * last))
            : new(node, 0, weights, layout, new(last, before), new(1, last));
    }

    private static Tensor Scaled(Tensor weights, Func<int, int> channelOf, float[] factors)
    {
        Tensor scaled = Tensor.Allocate<float>(DataType.Float, weights.Shape, out var elements);
        ReadOnlySpan<float> values = weights.AsSpan<float>();
        for (int i = 0; i < elements.Length; i++)
            elements[i] = values[i] * factors[channelOf(i)];
        return scaled;
    }

    /// <summary>Channel of a weight: its number divided by the stride, modulo the count.</summary>
    private readonly record struct ChannelIndex(int Stride, int Count)
    {
        public int At(int element) => element / Stride % Count;
    }
}
