using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;

namespace TransformFramework.Keras.Layers;

/// <summary>Convolutions of each channel alone.</summary>
[KerasLayer("DepthwiseConv1D", "DepthwiseConv2D")]
internal sealed class DepthwiseLayer : Layer
{
    private readonly ConvolutionSettings settings;
    private readonly long multiplier;
    private readonly Variable kernel;
    private readonly Variable? bias;
    private readonly Activation activation;

    public DepthwiseLayer(LayerSource source)
        : base(source)
    {
        settings = ConvolutionSettings.Of(Configuration, ClassName[^2] - '0', ChannelsFirst());
        multiplier = Configuration.Count("depth_multiplier", 1);
        activation = ActivationOf("activation");
        kernel = Weight("depthwise_kernel");
        bias = WeightIf(Configuration.Flag("use_bias", true), "bias");
    }

    protected override bool PassesMask => false;

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        GraphBuilder graph = call.Graph;
        Symbol x = settings.Prepare(graph, call.Input);
        long channels = x.KnownDimension(settings.ChannelAxis);
        Symbol y = DepthwiseConvolution.Apply(call, settings, x, kernel, channels, multiplier, "depthwise");
        if (bias is not null)
            y = settings.Bias(graph, y, call.Read(bias, "BiasAdd/ReadVariableOp", channels * multiplier));
        return [activation.Apply(graph, y)];
    }
}

/// <summary>A convolution of each channel alone, then one of 1×1 over all.</summary>
[KerasLayer("SeparableConv1D", "SeparableConv2D", "SeparableConvolution1D", "SeparableConvolution2D")]
internal sealed class SeparableLayer : Layer
{
    private readonly ConvolutionSettings settings;
    private readonly long filters;
    private readonly long multiplier;
    private readonly Variable depthwise;
    private readonly Variable pointwise;
    private readonly Variable? bias;
    private readonly Activation activation;

    public SeparableLayer(LayerSource source)
        : base(source)
    {
        settings = ConvolutionSettings.Of(Configuration, ClassName[^2] - '0', ChannelsFirst());
        filters = Configuration.Count("filters");
        multiplier = Configuration.Count("depth_multiplier", 1);
        activation = ActivationOf("activation");
        depthwise = Weight("depthwise_kernel");
        pointwise = Weight("pointwise_kernel");
        bias = WeightIf(Configuration.Flag("use_bias", true), "bias");
    }

    protected override bool PassesMask => false;

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        GraphBuilder graph = call.Graph;
        Symbol x = settings.Prepare(graph, call.Input);
        long channels = x.KnownDimension(settings.ChannelAxis);
        long middle = channels * multiplier;
        Window point = Window.Plain([1, 1], [1, 1], "VALID", settings.ChannelsFirst);
        Symbol y;
        if (settings.Axes == 1)
        {
            Symbol expanded = settings.Expand(graph, x, "ExpandDims");
            Symbol kernel = call.ReadExpanded(depthwise, "ExpandDims_1", 0, settings.Window.Size[0], channels, multiplier);
            Symbol weights = call.ReadExpanded(pointwise, "ExpandDims_2", 0, 1, middle, filters);
            Symbol inner = DepthwiseConvolution.Dilated(graph, expanded, kernel, settings.FlatDepthwise, "separable_conv2d/depthwise");
            y = settings.Collapse(graph, graph.Convolution(inner, weights, point, "separable_conv2d"), "Squeeze");
        }
        else
        {
            Symbol inner = DepthwiseConvolution.Apply(call, settings, x, depthwise, channels, multiplier, "separable_conv2d/depthwise");
            y = graph.Convolution(inner, call.Read(pointwise, "separable_conv2d/ReadVariableOp_1", 1, 1, middle, filters), point, "separable_conv2d");
        }
        if (bias is not null)
            y = settings.Bias(graph, y, call.Read(bias, "BiasAdd/ReadVariableOp", filters));
        return [activation.Apply(graph, y)];
    }
}

/// <summary>What the depthwise layers share.</summary>
internal static class DepthwiseConvolution
{
    /// <summary>The product with a kernel from the file, over one axis or two.</summary>
    public static Symbol Apply(LayerCall call, ConvolutionSettings settings, Symbol x, Variable kernel, long channels, long multiplier, string name)
    {
        GraphBuilder graph = call.Graph;
        if (settings.Axes == 2)
            return Dilated(graph, x, call.Read(kernel, name + "/ReadVariableOp", settings.Window.Size[0], settings.Window.Size[1], channels, multiplier), settings.Window, name);
        Symbol weights = call.ReadExpanded(kernel, name + "/ExpandDims_1", 0, settings.Window.Size[0], channels, multiplier);
        return settings.Collapse(graph, Dilated(graph, settings.Expand(graph, x, name + "/ExpandDims"), weights, settings.FlatDepthwise, name), name + "/Squeeze");
    }

    /// <summary>The product; a dilated one between SpaceToBatchND and BatchToSpaceND, as TensorFlow's depthwise kernels have no dilation.</summary>
    public static Symbol Dilated(GraphBuilder graph, Symbol x, Symbol kernel, Window window, string name)
    {
        if (!window.IsDilated)
            return graph.Depthwise(x, kernel, window, name);
        if (window.ChannelsFirst)
        {
            Symbol last = graph.Transpose(x, [0, 2, 3, 1], name + "/transpose");
            return graph.Transpose(Dilated(graph, last, kernel, window with { ChannelsFirst = false }, name), [0, 3, 1, 2], name + "/transpose_1");
        }
        ImmutableArray<(long Before, long After)> pads = [.. Enumerable.Range(0, 2).Select(axis => Padding(x, kernel, window, axis))];
        ImmutableArray<long> sizes = [.. Enumerable.Range(0, 2).Select(axis => x.KnownDimension(axis + 1))];
        ImmutableArray<long> crops = [.. Enumerable.Range(0, 2).Select(axis => Extra(sizes[axis] + pads[axis].Before + pads[axis].After, window.Dilations[axis]))];
        TensorShape batched = TensorShape.Of(-1, Blocks(0), Blocks(1), x.Shape[3]);
        Symbol block = graph.Ints(name + "/SpaceToBatchND/block_shape", window.Dilations);
        Symbol spread = graph.Add("SpaceToBatchND", name + "/SpaceToBatchND", batched, [x, block, Pairs(name + "/SpaceToBatchND/paddings", [.. pads.Select((pad, axis) => (pad.Before, pad.After + crops[axis]))])]);
        Symbol y = graph.Depthwise(spread, kernel, window with { Dilations = [1, 1], Padding = "VALID" }, name);
        TensorShape result = (window with { Padding = window.Padding }).OutputShape(x.Shape, y.Shape[3]);
        return graph.Add("BatchToSpaceND", name + "/BatchToSpaceND", result, [y, block, Pairs(name + "/BatchToSpaceND/crops", [.. crops.Select(crop => (0L, crop))])]);

        long Blocks(int axis) => (sizes[axis] + pads[axis].Before + pads[axis].After + crops[axis]) / window.Dilations[axis];

        Symbol Pairs(string label, ImmutableArray<(long First, long Second)> pairs) =>
            graph.Constant(label, Tensor.Create<int>(DataType.Int32, TensorShape.Of(2, 2), [.. pairs.SelectMany(pair => new[] { checked((int)pair.First), checked((int)pair.Second) })]));
    }

    private static (long Before, long After) Padding(Symbol x, Symbol kernel, Window window, int axis)
    {
        if (window.Padding == "VALID")
            return (0, 0);
        long total = (kernel.Shape[axis] - 1) * window.Dilations[axis];
        return (total / 2, total - (total / 2));
    }

    private static long Extra(long size, long block) => (block - (size % block)) % block;
}
