using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Convolution;

/// <summary>Shapes and windows of a convolution over one to three spatial dimensions, channels last, filter [spatial…, in, out].</summary>
internal sealed class ConvolutionGeometry
{
    private ConvolutionGeometry(DataFormat format, long batch, long channels, Window[] windows)
    {
        Format = format;
        Batch = batch;
        Channels = channels;
        Windows = windows;
    }

    public DataFormat Format { get; }

    public long Batch { get; }

    /// <summary>Channels of the input.</summary>
    public long Channels { get; }

    public Window[] Windows { get; }

    public long[] OutputSpatial => Array.ConvertAll(Windows, window => window.Output);

    /// <summary>Geometry of a forward convolution as a node's attributes say.</summary>
    public static ConvolutionGeometry Of(Node node, TensorShape input, TensorShape filter) =>
        Of(node, input, filter, node.Attributes.ContainsKey("dilations") ? node.Longs("dilations") : []);

    /// <summary>Geometry with dilations of its own.</summary>
    public static ConvolutionGeometry Of(Node node, TensorShape input, TensorShape filter, long[] dilations)
    {
        if (input.Rank is not (4 or 5) || filter.Rank != input.Rank)
            throw Refuse.Invalid($"input and filter must both have rank 4 (or 5 in 3-D), got {input} and {filter}");
        var format = DataFormat.Of(node, input.Rank);
        long[] strides = node.Longs("strides");
        if (strides.Length != input.Rank)
            throw Refuse.Invalid($"Sliding window strides field must specify {input.Rank} dimensions");
        if (strides[0] != 1 || strides[format.Channel] != 1)
            throw Refuse.Unimplemented("Current implementation does not yet support strides in the batch and depth dimensions.");
        if (dilations.Length == input.Rank && (dilations[0] != 1 || dilations[format.Channel] != 1))
            throw Refuse.Unimplemented("Current implementation does not yet support dilations in the batch and depth dimensions.");
        long[] padding = Explicit(node, input.Rank);
        var windows = new Window[format.Spatial];
        for (int i = 0; i < windows.Length; i++)
        {
            int axis = format.SpatialAxis(i);
            long dilation = dilations.Length == input.Rank ? dilations[axis] : 1;
            windows[i] = Window.Of(node.Text("padding"), input[axis], filter[i], strides[axis], dilation, padding[2 * axis], padding[(2 * axis) + 1]);
        }
        return new(format, input[0], input[format.Channel], windows);
    }

    /// <summary>Number of groups: each takes as many input channels as the filter has, and its own share of the output channels.</summary>
    /// <exception cref="ExecutionException">InvalidArgument: the channels do not divide into groups.</exception>
    public static int Groups(long channels, long filterChannels, long columns)
    {
        if (filterChannels <= 0 || channels % filterChannels != 0)
            throw Refuse.Invalid($"input depth must be evenly divisible by filter depth: {channels} vs {filterChannels}");
        long groups = channels / filterChannels;
        if (groups == 0 || columns % groups != 0)
            throw Refuse.Invalid($"output depth must be evenly divisible by the number of groups: {columns} vs {groups}");
        return checked((int)groups);
    }

    /// <summary>Shape of the output where dimensions of the input may be unknown; its columns are asked for when input and filter have proved to fit.</summary>
    public static TensorShape OutputShape(TensorShape input, Func<TensorShape, ConvolutionGeometry> geometry, Func<long> columns)
    {
        TensorShape stand = Window.WithStandIns(input);
        ConvolutionGeometry of = geometry(stand);
        return of.Format.Shape(input[0], Window.Outputs(of.Windows, of.Format, input), columns());
    }

    private static long[] Explicit(Node node, int rank)
    {
        if (node.Text("padding") != "EXPLICIT")
            return new long[2 * rank];
        long[] padding = node.Longs("explicit_paddings");
        if (padding.Length != 2 * rank)
            throw Refuse.Invalid($"explicit_paddings attribute must contain {2 * rank} values, but got: {padding.Length}");
        if (padding.Any(count => count < 0))
            throw Refuse.Invalid("All elements of explicit_paddings must be nonnegative");
        int channel = 2 * DataFormat.Of(node, rank).Channel;
        if (padding[0] + padding[1] + padding[channel] + padding[channel + 1] != 0)
            throw Refuse.Invalid("Nonzero explicit padding in the batch or depth dimensions is not supported");
        return padding;
    }

    /// <inheritdoc cref="WindowTaps.ForEach"/>
    public void ForEachTap(Action<int, int, int> visit) => WindowTaps.ForEach(Windows, visit);
}
