using System.Collections.Immutable;
using TransformFramework.Keras.Building;
using TransformFramework.Keras.Configuration;

namespace TransformFramework.Keras.Layers;

/// <summary>Window, padding and layout of a convolution of one to three axes.</summary>
/// <param name="Window">The window; padding is VALID for a causal one.</param>
/// <param name="IsCausal">True when the input is padded before the first step only.</param>
internal sealed record ConvolutionSettings(Window Window, bool IsCausal)
{
    public int Axes => Window.Axes;

    public bool ChannelsFirst => Window.ChannelsFirst;

    /// <summary>Axis of the channels.</summary>
    public int ChannelAxis => ChannelsFirst ? 1 : -1;

    /// <summary>The window over two axes, the first of length 1; only for one axis.</summary>
    public Window Flat => new([1, .. Window.Size], [1, .. Window.Strides], [1, .. Window.Dilations], Window.Padding, ChannelsFirst);

    /// <summary>The same with equal strides, which depthwise kernels ask for.</summary>
    public Window FlatDepthwise => Flat with { Strides = [Window.Strides[0], Window.Strides[0]] };

    /// <summary>Reads kernel_size, strides, dilation_rate and padding.</summary>
    /// <exception cref="KerasException">A value is missing or wrong.</exception>
    public static ConvolutionSettings Of(ConfigurationObject configuration, int axes, bool channelsFirst)
    {
        ReadOnlySpan<string> allowed = axes == 1 ? ["valid", "same", "causal"] : ["valid", "same"];
        string padding = configuration.Word("padding", "valid", allowed);
        var window = new Window(configuration.Counts("kernel_size", axes), configuration.Counts("strides", axes, 1), configuration.Counts("dilation_rate", axes, 1), padding == "same" ? "SAME" : "VALID", channelsFirst);
        if (window.IsDilated && window.Strides.Any(stride => stride != 1))
            throw KerasException.Configuration($"{configuration.Owner}: strides and dilation_rate cannot both be above 1");
        return new(window, padding == "causal");
    }

    /// <summary>The input with the padding of a causal convolution.</summary>
    public Symbol Prepare(GraphBuilder graph, Symbol x)
    {
        if (x.Rank != Axes + 2)
            throw KerasException.Configuration($"its input {x.Shape} must have {Axes + 2} dimensions");
        if (!IsCausal)
            return x;
        long before = (Window.Size[0] - 1) * Window.Dilations[0];
        return graph.Pad(x, ChannelsFirst ? [(0, 0), (0, 0), (before, 0)] : [(0, 0), (before, 0), (0, 0)]);
    }

    /// <summary>Adds the axis of length 1.</summary>
    public Symbol Expand(GraphBuilder graph, Symbol x, string name) => graph.ExpandDims(x, ChannelsFirst ? 2 : 1, name);

    /// <summary>Takes the axis of length 1 away.</summary>
    public Symbol Collapse(GraphBuilder graph, Symbol x, string name) => graph.Squeeze(x, [ChannelsFirst ? 2 : 1], name);

    /// <summary>Adds the bias to the channels.</summary>
    public Symbol Bias(GraphBuilder graph, Symbol x, Symbol bias)
    {
        if (!ChannelsFirst || Axes == 2)
            return graph.BiasAdd(x, bias, ChannelsFirst);
        return graph.Add(x, graph.Reshape(bias, [1, bias.Shape[0], .. Enumerable.Repeat(new Dimension(1), Axes)]));
    }
}
