using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;
using TransformFramework.Keras.Configuration;

namespace TransformFramework.Keras.Layers;

/// <summary>Transposed convolutions: the gradient of a convolution with respect to its input, of the output's shape that Keras computes.</summary>
[KerasLayer("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose", "Convolution2DTranspose", "Convolution3DTranspose")]
internal sealed class TransposedConvolutionLayer : Layer
{
    private readonly ConvolutionSettings settings;
    private readonly ImmutableArray<long>? outputPadding;
    private readonly long filters;
    private readonly Variable kernel;
    private readonly Variable? bias;
    private readonly Activation activation;

    public TransposedConvolutionLayer(LayerSource source)
        : base(source)
    {
        int axes = ClassName[ClassName.IndexOf('D', StringComparison.Ordinal) - 1] - '0';
        settings = ConvolutionSettings.Of(Configuration, axes, ChannelsFirst());
        filters = Configuration.Count("filters");
        outputPadding = PaddingOf(Configuration, axes);
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
        long[] shape = [.. settings.Window.Size, filters, channels];
        bool flat = settings.Axes == 1;
        string name = flat ? "conv1d_transpose" : settings.Axes == 2 ? "conv2d_transpose" : "conv3d_transpose";
        Symbol weights = flat ? call.ReadExpanded(kernel, name + "/ExpandDims_1", 0, shape) : call.Read(kernel, name + "/ReadVariableOp", shape);
        ImmutableArray<Dimension> spatial = [.. Enumerable.Range(0, settings.Axes).Select(axis => OutputSize(graph, x, axis))];
        Symbol y = flat
            ? settings.Collapse(graph, Product(graph, settings.Expand(graph, x, name + "/ExpandDims"), weights, settings.Flat, [1, .. spatial], name), name + "/Squeeze")
            : Product(graph, x, weights, settings.Window, spatial, name);
        if (bias is not null)
            y = settings.Bias(graph, y, call.Read(bias, "BiasAdd/ReadVariableOp", filters));
        return [activation.Apply(graph, y)];
    }

    private Symbol Product(GraphBuilder graph, Symbol x, Symbol weights, Window window, ImmutableArray<Dimension> spatial, string name)
    {
        Dimension batch = graph.DimensionOf(x, 0);
        ImmutableArray<Dimension> dimensions = settings.ChannelsFirst ? [batch, filters, .. spatial] : [batch, .. spatial, filters];
        string op = window.Axes == 3 ? "Conv3DBackpropInputV2" : "Conv2DBackpropInput";
        return graph.Add(op, name, ShapeOps.Known(dimensions), [graph.Pack(name + "/input_sizes", dimensions), weights, x],
            ("strides", window.Spread(window.Strides)), ("padding", window.Padding), ("dilations", window.Spread(window.Dilations)), ("data_format", WindowOps.DataFormat(window.Axes, window.ChannelsFirst)));
    }

    private Dimension OutputSize(GraphBuilder graph, Symbol x, int axis)
    {
        Dimension size = graph.DimensionOf(x, axis + (settings.ChannelsFirst ? 2 : 1));
        long stride = settings.Window.Strides[axis];
        long reach = ((settings.Window.Size[axis] - 1) * settings.Window.Dilations[axis]) + 1;
        long rest = settings.Window.Padding == "SAME"
            ? outputPadding is { } same ? (reach % 2) + same[axis] - stride : 0
            : reach + (outputPadding is { } valid ? valid[axis] : Math.Max(reach, stride) - reach) - stride;
        if (size.Value is not { } value)
            return (size.Size * stride) + rest is > 0 and var known ? known : throw KerasException.Configuration($"its output would have {(size.Size * stride) + rest} elements along axis {axis}");
        Symbol scaled = stride == 1 ? value : graph.Multiply(value, stride);
        return new(-1, rest == 0 ? scaled : graph.Add(scaled, rest));
    }

    private static ImmutableArray<long>? PaddingOf(ConfigurationObject configuration, int axes)
    {
        if (!configuration.Has("output_padding"))
            return null;
        ImmutableArray<long> values = configuration.Integers("output_padding");
        values = values.Length == 1 ? [.. Enumerable.Repeat(values[0], axes)] : values;
        return values.Length == axes && values.All(value => value >= 0) ? values : throw configuration.Wrong("output_padding", $"{axes} numbers");
    }
}
