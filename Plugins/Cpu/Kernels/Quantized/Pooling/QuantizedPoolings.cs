using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized.Pooling;

/// <summary>Windows of a quantized pooling op over 8-bit images [batch, height, width, channels].</summary>
/// <param name="Height">Window along the rows.</param>
/// <param name="Width">Window along the columns.</param>
/// <param name="Depth">Channels of a window; 1 when it is in one channel.</param>
/// <param name="Batch">Images.</param>
/// <param name="Channels">Channels of the input.</param>
internal sealed record QuantizedPoolings(Window Height, Window Width, int Depth, int Batch, int Channels)
{
    private const int Rank = 4;

    public TensorShape Shape => TensorShape.Of(Batch, Height.Output, Width.Output, Channels / Depth);

    private int Pixels => checked((int)(Height.Input * Width.Input));

    /// <summary>The windows of a node. A stride along the channels counts only with a window along them.</summary>
    /// <exception cref="ExecutionException">The shape or the attributes do not fit.</exception>
    public static QuantizedPoolings Of(Node node, TensorShape input)
    {
        long[] sizes = Four(node, "ksize");
        long[] strides = Four(node, "strides");
        if (input.Rank != Rank)
            throw Refuse.Invalid($"tensor_in_shape must have 2 spatial dimensions, but is {input}");
        if (sizes[0] != 1 || strides[0] != 1)
            throw Refuse.Unimplemented("Pooling is not yet supported on the batch dimension.");
        if (sizes.Any(size => size <= 0))
            throw Refuse.Invalid($"Sliding window ksize must be positive, but is [{string.Join(",", sizes)}]");
        if (sizes[3] > 1)
            return OverDepth(input, sizes, strides);
        string padding = node.Text("padding");
        return new(Window.Of(padding, input[1], sizes[1], strides[1]), Window.Of(padding, input[2], sizes[2], strides[2]), 1, checked((int)input[0]), checked((int)input[3]));
    }

    /// <summary>Shape of the result as far as it is known.</summary>
    public static TensorShape Infer(Node node, TensorShape input) =>
        input.IsFullyKnown ? Of(node, input).Shape : input.IsUnknownRank || input.Rank == Rank ? TensorShape.Of(-1, -1, -1, -1) : throw Refuse.Invalid($"tensor_in_shape must have 2 spatial dimensions, but is {input}");

    /// <summary>Visits the pixels of each window that are in the image: position in the result and in the input, both in pixels.</summary>
    public void ForEachPixel(Action<int, int> visit)
    {
        int positions = (int)(Height.Output * Width.Output);
        for (int n = 0; n < Batch; n++)
        {
            int result = n * positions;
            int input = n * Pixels;
            WindowTaps.ForEach([Height, Width], (position, _, source) => visit(result + position, input + source));
        }
    }

    private static QuantizedPoolings OverDepth(TensorShape input, long[] sizes, long[] strides)
    {
        if (sizes[1] != 1 || sizes[2] != 1)
            throw Refuse.Unimplemented("Pooling supports exactly one of pooling across depth or pooling across width/height.");
        if (input[3] % sizes[3] != 0 || sizes[3] != strides[3])
            throw Refuse.Unimplemented($"Depthwise pooling requires a depth window that divides the input depth and equals the depth stride, but they are {sizes[3]}, {input[3]} and {strides[3]}");
        var whole = new Window(0, 1, 1, 1, 0, 0);
        return new(whole with { Input = input[1], Output = input[1] }, whole with { Input = input[2], Output = input[2] }, checked((int)sizes[3]), checked((int)input[0]), checked((int)input[3]));
    }

    private static long[] Four(Node node, string attribute)
    {
        long[] values = node.Longs(attribute);
        return values.Length == Rank ? values : throw Refuse.Invalid($"attribute '{attribute}' must have 4 values, but has {values.Length}");
    }
}
