using TransformFramework.Graphs;

namespace TransformFramework.Quantization.Static.Moments;

/// <summary>Where a layer's filter is over its data [batch, height, width, channels]: each result's position reads a window of rows and columns, with zeros outside.</summary>
internal sealed class ConvolutionWindow
{
    private readonly int batch;
    private readonly Axis rows;
    private readonly Axis columns;

    private ConvolutionWindow(int batch, Axis rows, Axis columns, int channels)
    {
        this.batch = batch;
        this.rows = rows;
        this.columns = columns;
        Channels = channels;
    }

    public int Channels { get; }

    /// <summary>Elements of the filter that read one channel.</summary>
    public int Taps => rows.Taps * columns.Taps;

    /// <summary>Number of results a channel.</summary>
    public int Positions => batch * rows.Results * columns.Results;

    /// <summary>The window of a layer over its data.</summary>
    /// <param name="layer">The layer; a product is a convolution of one pixel.</param>
    /// <param name="data">Shape of the quantized data that its op reads.</param>
    public static ConvolutionWindow Of(PlannedLayer layer, TensorShape data)
    {
        Node node = layer.Layer.Op.Node;
        int channels = (int)data[data.Rank - 1];
        if (layer.Layer.IsMatMul)
            return new((int)(data.ElementCount / Math.Max(1, channels)), Axis.Point, Axis.Point, channels);
        bool isPadded = layer.Shift is null && node.String("padding") != "VALID";
        TensorShape filter = layer.Layer.Op.Weights.Shape;
        return new((int)data[0], Along(1), Along(2), channels);

        Axis Along(int axis) => Axis.Of((int)data[axis], (int)filter[axis - 1], At(node, "strides", axis), At(node, "dilations", axis), isPadded);
    }

    /// <summary>Writes the values that some positions read: for each position its taps, for each tap its channels.</summary>
    /// <param name="data">The quantized data.</param>
    /// <param name="isSigned">True for qint8, false for quint8.</param>
    /// <param name="first">The first position.</param>
    /// <param name="target">Receives the values, a position after the other.</param>
    /// <param name="stride">Distance of two positions in it.</param>
    /// <param name="tapStride">Distance of two taps in it, at least the number of channels.</param>
    public void Read(ReadOnlySpan<byte> data, bool isSigned, int first, Span<float> target, int stride, int tapStride)
    {
        for (int i = 0; i * stride < target.Length; i++)
        {
            int position = first + i;
            int column = position % columns.Results;
            int row = position / columns.Results % rows.Results;
            int image = position / columns.Results / rows.Results;
            Span<float> values = target.Slice(i * stride, stride);
            for (int tap = 0; tap < Taps; tap++)
            {
                int y = rows.Source(row, tap / columns.Taps);
                int x = columns.Source(column, tap % columns.Taps);
                Span<float> to = values.Slice(tap * tapStride, Channels);
                if ((uint)y >= (uint)rows.Size || (uint)x >= (uint)columns.Size)
                    to.Clear();
                else
                    Convert(data.Slice(((((image * rows.Size) + y) * columns.Size) + x) * Channels, Channels), isSigned, to);
            }
        }
    }

    private static void Convert(ReadOnlySpan<byte> values, bool isSigned, Span<float> target)
    {
        if (isSigned)
        {
            for (int i = 0; i < values.Length; i++)
                target[i] = (sbyte)values[i];
            return;
        }
        for (int i = 0; i < values.Length; i++)
            target[i] = values[i];
    }

    private static int At(Node node, string attribute, int axis) =>
        node.TryLongList(attribute, out var values) && values.Length == 4 ? (int)values[axis] : 1;

    /// <summary>One of the two dimensions of an image.</summary>
    private readonly record struct Axis(int Size, int Taps, int Stride, int Dilation, int Before, int Results)
    {
        public static Axis Point => new(1, 1, 1, 1, 0, 1);

        public static Axis Of(int size, int taps, int stride, int dilation, bool isPadded)
        {
            int reach = ((taps - 1) * dilation) + 1;
            if (!isPadded)
                return new(size, taps, stride, dilation, 0, Math.Max(0, (size - reach + stride) / stride));
            int results = (size + stride - 1) / stride;
            return new(size, taps, stride, dilation, Math.Max(0, ((results - 1) * stride) + reach - size) / 2, results);
        }

        public int Source(int result, int tap) => (result * Stride) + (tap * Dilation) - Before;
    }
}
