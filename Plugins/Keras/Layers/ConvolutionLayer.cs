using System.Collections.Immutable;
using TransformFramework.Keras.Building;
using TransformFramework.Keras.Configuration;

namespace TransformFramework.Keras.Layers;

/// <summary>Convolutions over one to three axes. One axis is written as two, the first of length 1, as TensorFlow does it.</summary>
[KerasLayer("Conv1D", "Conv2D", "Conv3D", "Convolution1D", "Convolution2D", "Convolution3D")]
internal sealed class ConvolutionLayer : Layer
{
    private const int MostParts = 1024;

    private readonly ConvolutionSettings settings;
    private readonly long filters;
    private readonly long groups;
    private readonly Variable kernel;
    private readonly Variable? bias;
    private readonly Activation activation;

    public ConvolutionLayer(LayerSource source)
        : base(source)
    {
        settings = ConvolutionSettings.Of(Configuration, ClassName[^2] - '0', ChannelsFirst());
        filters = Configuration.Count("filters");
        groups = Configuration.Count("groups", 1);
        if (filters % groups != 0)
            throw KerasException.Configuration($"{Configuration.Owner}: {filters} filters do not divide into {groups} groups");
        activation = ActivationOf("activation");
        kernel = Weight("kernel");
        bias = WeightIf(Configuration.Flag("use_bias", true), "bias");
    }

    protected override bool PassesMask => false;

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        GraphBuilder graph = call.Graph;
        Symbol x = settings.Prepare(graph, call.Input);
        long channels = x.KnownDimension(settings.ChannelAxis);
        if (channels % groups != 0)
            throw KerasException.Configuration($"its input has {channels} channels, which do not divide into {groups} groups");
        bool flat = settings.Axes == 1;
        string name = flat ? "Conv1D" : ClassName[..4] + settings.Axes + "D";
        long[] shape = [.. settings.Window.Size, channels / groups, filters];
        Symbol weights = flat ? call.ReadExpanded(kernel, "Conv1D/ExpandDims_1", 0, shape) : call.Read(kernel, name + "/ReadVariableOp", shape);
        Symbol y = flat
            ? settings.Collapse(graph, graph.Convolution(settings.Expand(graph, x, name + "/ExpandDims"), weights, settings.Flat, name), name + "/Squeeze")
            : settings.Axes == 3 && groups > 1 ? Grouped(graph, x, weights, name) : graph.Convolution(x, weights, settings.Window, name);
        if (bias is not null)
            y = settings.Bias(graph, y, call.Read(bias, "BiasAdd/ReadVariableOp", filters));
        return [activation.Apply(graph, y)];
    }

    /// <summary>A convolution of three axes in groups, one after the other: Conv3D has no groups.</summary>
    private Symbol Grouped(GraphBuilder graph, Symbol x, Symbol weights, string name)
    {
        if (groups > MostParts)
            throw Unsupported($"{groups} groups");
        int channelAxis = Building.Axes.Normalize(settings.ChannelAxis, x.Rank);
        var inputs = graph.Split(x, (int)groups, channelAxis);
        var kernels = graph.Split(weights, (int)groups, weights.Rank - 1, "split_1");
        return graph.Concat([.. inputs.Zip(kernels, (input, part) => graph.Convolution(input, part, settings.Window, name))], channelAxis);
    }
}
