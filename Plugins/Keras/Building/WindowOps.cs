using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Keras.Building;

/// <summary>Sizes of a window over the spatial axes.</summary>
/// <param name="Size">Size an axis; of a convolution its kernel.</param>
/// <param name="Strides">Stride an axis.</param>
/// <param name="Dilations">Distance of the taps an axis.</param>
/// <param name="Padding"><c>SAME</c> or <c>VALID</c>.</param>
/// <param name="ChannelsFirst">True when the channels are the second axis.</param>
internal sealed record Window(ImmutableArray<long> Size, ImmutableArray<long> Strides, ImmutableArray<long> Dilations, string Padding, bool ChannelsFirst)
{
    /// <summary>Number of spatial axes.</summary>
    public int Axes => Size.Length;

    /// <summary>A window without dilation.</summary>
    public static Window Plain(ImmutableArray<long> size, ImmutableArray<long> strides, string padding, bool channelsFirst) =>
        new(size, strides, [.. size.Select(_ => 1L)], padding, channelsFirst);

    /// <summary>True when the taps of an axis are not neighbours.</summary>
    public bool IsDilated => Dilations.Any(dilation => dilation != 1);

    /// <summary>The output's shape.</summary>
    /// <exception cref="KerasException">The window does not fit in the input.</exception>
    public TensorShape OutputShape(TensorShape input, long channels)
    {
        if (input.Rank != Axes + 2)
            throw KerasException.Configuration($"its input {input} must have {Axes + 2} dimensions");
        int first = ChannelsFirst ? 2 : 1;
        long[] dimensions = [.. input.Dimensions];
        dimensions[ChannelsFirst ? 1 : Axes + 1] = channels;
        for (int i = 0; i < Axes; i++)
            dimensions[first + i] = OutputSize(input[first + i], i);
        return TensorShape.Of(dimensions);
    }

    /// <summary>One number an axis of the tensor, 1 for batch and channels.</summary>
    public AttributeValue Spread(ImmutableArray<long> values) => ChannelsFirst ? AttributeValue.Ints([1, 1, .. values]) : AttributeValue.Ints([1, .. values, 1]);

    private long OutputSize(long size, int axis)
    {
        if (size < 0)
            return -1;
        if (Padding == "SAME")
            return (size + Strides[axis] - 1) / Strides[axis];
        long window = checked(((Size[axis] - 1) * Dilations[axis]) + 1);
        long result = (size - window + Strides[axis]) / Strides[axis];
        return size - window < 0 ? throw KerasException.Configuration($"a window of {window} does not fit in {size}") : result;
    }
}

/// <summary>Nodes of convolutions and pools.</summary>
internal static class WindowOps
{
    /// <summary>TensorFlow's name of the layout of data with 2 or 3 spatial axes.</summary>
    public static string DataFormat(int axes, bool channelsFirst) => (axes, channelsFirst) switch
    {
        (3, true) => "NCDHW",
        (3, false) => "NDHWC",
        (_, true) => "NCHW",
        _ => "NHWC",
    };

    /// <summary>A convolution over 2 or 3 axes; the kernel is spatial axes, input channels of a group, output channels.</summary>
    public static Symbol Convolution(this GraphBuilder graph, Symbol x, Symbol kernel, Window window, string? name = null)
    {
        string op = window.Axes == 3 ? "Conv3D" : "Conv2D";
        CheckChannels(x, kernel, window);
        return graph.Add(op, name ?? op, window.OutputShape(x.Shape, kernel.Dimension(-1)), [x, kernel],
            ("strides", window.Spread(window.Strides)), ("padding", window.Padding), ("dilations", window.Spread(window.Dilations)), ("data_format", DataFormat(window.Axes, window.ChannelsFirst)));
    }

    /// <summary>A convolution of each channel alone; the kernel is height, width, channels, multiplier.</summary>
    public static Symbol Depthwise(this GraphBuilder graph, Symbol x, Symbol kernel, Window window, string name = "depthwise")
    {
        long channels = x.Dimension(window.ChannelsFirst ? 1 : -1);
        if (channels >= 0 && channels != kernel.Shape[2])
            throw KerasException.Configuration($"its input has {channels} channels, its kernel is made for {kernel.Shape[2]}");
        return graph.Add("DepthwiseConv2dNative", name, window.OutputShape(x.Shape, kernel.Shape[2] * kernel.Shape[3]), [x, kernel],
            ("strides", window.Spread(window.Strides)), ("padding", window.Padding), ("dilations", window.Spread(window.Dilations)), ("data_format", DataFormat(2, window.ChannelsFirst)));
    }

    /// <summary>MaxPool, AvgPool and their 3D kin.</summary>
    public static Symbol Pool(this GraphBuilder graph, string op, Symbol x, Window window, string? name = null) =>
        graph.Add(op, name ?? op, window.OutputShape(x.Shape, x.Dimension(window.ChannelsFirst ? 1 : -1)), [x],
            ("ksize", window.Spread(window.Size)), ("strides", window.Spread(window.Strides)), ("padding", window.Padding), ("data_format", DataFormat(window.Axes, window.ChannelsFirst)));

    private static void CheckChannels(Symbol x, Symbol kernel, Window window)
    {
        long channels = x.Dimension(window.ChannelsFirst ? 1 : -1);
        long made = kernel.Dimension(-2);
        if (channels >= 0 && (made == 0 || channels % made != 0 || kernel.Dimension(-1) % (channels / made) != 0))
            throw KerasException.Configuration($"its input has {channels} channels, its kernel is made for {made}");
    }
}
