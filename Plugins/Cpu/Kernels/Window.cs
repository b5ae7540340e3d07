using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels;

/// <summary>How a window slides along one spatial dimension: output length and zeros before the input, by TensorFlow's padding rules.</summary>
internal readonly record struct Window(long Input, long Size, long Stride, long Dilation, long Before, long Output)
{
    private const long LargestInput = 1L << 62;

    /// <summary>Longer than any effective size.</summary>
    private const long StandIn = LargestInput;

    /// <summary>Size of the window with its gaps.</summary>
    public long EffectiveSize => ((Size - 1) * Dilation) + 1;

    /// <summary>A dimension without windows: each position by itself.</summary>
    public static Window Whole(long length) => new(length, 1, 1, 1, 0, length);

    /// <summary>A shape in which unknown dimensions are so long that every window fits.</summary>
    public static TensorShape WithStandIns(TensorShape input)
    {
        return Tensors.Map(input, (dimension, _) => dimension < 0 ? StandIn : dimension);
    }

    /// <summary>Sizes of the output, -1 where that of the input is unknown.</summary>
    public static long[] Outputs(Window[] windows, DataFormat format, TensorShape input)
    {
        long[] outputs = new long[windows.Length];
        for (int i = 0; i < outputs.Length; i++)
            outputs[i] = input[format.SpatialAxis(i)] < 0 ? -1 : windows[i].Output;
        return outputs;
    }

    /// <summary>
    /// The window of a padding VALID, SAME or EXPLICIT; before and after count for the last only. This is where sizes, strides, dilations and paddings of nodes are checked: like TensorFlow's, they are
    /// within 32 bits, so that nothing made of them leaves 64.
    /// </summary>
    /// <exception cref="ExecutionException">InvalidArgument: one of them is out of range, or the window does not fit the input.</exception>
    public static Window Of(string padding, long input, long size, long stride, long dilation = 1, long before = 0, long after = 0)
    {
        if (stride <= 0 || dilation <= 0)
            throw Refuse.Invalid($"strides and dilations must be positive, got stride {stride} and dilation {dilation}");
        if (size < 0 || input < 0 || before < 0 || after < 0)
            throw Refuse.Invalid($"sizes and paddings must not be negative, got input {input}, window {size}, paddings {before} and {after}");
        foreach (long value in (ReadOnlySpan<long>)[size, stride, dilation, before, after])
        {
            if (value > int.MaxValue)
                throw Refuse.Invalid($"value {value} of a window is out of range for an int32");
        }
        if (input > LargestInput)
            throw Refuse.Invalid($"a dimension of {input} is too large for a window");
        long effectiveSize = ((size - 1) * dilation) + 1;
        switch (padding)
        {
            case "VALID":
                return Checked(new(input, size, stride, dilation, 0, FloorDivide(input - effectiveSize, stride) + 1));
            case "SAME":
                long output = (input / stride) + (input % stride > 0 ? 1 : 0);
                long total = Math.Max(0, effectiveSize - (input % stride == 0 ? stride : input % stride));
                return new(input, size, stride, dilation, total / 2, output);
            case "EXPLICIT":
                return Checked(new(input, size, stride, dilation, before, FloorDivide(input + before + after - effectiveSize, stride) + 1));
            default:
                throw Refuse.Invalid($"padding must be SAME, VALID or EXPLICIT, not '{padding}'");
        }
    }

    private static Window Checked(Window window) =>
        window.Output >= 0
            ? window
            : throw Refuse.Invalid($"Computed output size would be negative: {window.Output} [input_size: {window.Input}, effective_filter_size: {window.EffectiveSize}, stride: {window.Stride}]");

    private static long FloorDivide(long x, long y) => x >= 0 ? x / y : -((-x + y - 1) / y);
}

/// <summary>Which dimension of a rank-4 or rank-5 activation is which.</summary>
internal readonly record struct DataFormat(int Rank, bool ChannelsFirst)
{
    public int Channel => ChannelsFirst ? 1 : Rank - 1;

    public int Spatial => Rank - 2;

    public static DataFormat Of(Node node, int rank)
    {
        if (!node.Attributes.ContainsKey("data_format"))
            return new(rank, ChannelsFirst: false);
        return node.Text("data_format") switch
        {
            "NHWC" or "NDHWC" or "CHANNELS_LAST" => new(rank, ChannelsFirst: false),
            "NCHW" or "NCDHW" or "CHANNELS_FIRST" => new(rank, ChannelsFirst: true),
            string other => throw Refuse.Invalid($"data_format '{other}' is not supported; NHWC and NCHW are"),
        };
    }

    /// <summary>The dimension number of the i-th spatial dimension.</summary>
    public int SpatialAxis(int i) => i + (ChannelsFirst ? 2 : 1);

    public TensorShape Shape(long batch, ReadOnlySpan<long> spatial, long channels) =>
        TensorShape.Of(ChannelsFirst ? (ReadOnlySpan<long>)[batch, channels, .. spatial] : [batch, .. spatial, channels]);

    /// <summary>Moves the channels of an activation last.</summary>
    public T[] ToChannelsLast<T>(T[] values, TensorShape shape) =>
        ChannelsFirst ? Swap(values, shape[0], shape[1], values.Length == 0 ? 0 : values.Length / (shape[0] * shape[1])) : values;

    /// <summary>Moves the channels of a result back to where the format has them.</summary>
    public T[] FromChannelsLast<T>(T[] values, long batch, long channels) =>
        ChannelsFirst ? Swap(values, batch, values.Length == 0 ? 0 : values.Length / (batch * channels), channels) : values;

    private static T[] Swap<T>(T[] values, long batch, long rows, long columns)
    {
        T[] swapped = new T[values.Length];
        for (long n = 0; n < batch; n++)
        {
            long start = n * rows * columns;
            for (long r = 0; r < rows; r++)
            {
                for (long c = 0; c < columns; c++)
                    swapped[start + (c * rows) + r] = values[start + (r * columns) + c];
            }
        }
        return swapped;
    }
}
