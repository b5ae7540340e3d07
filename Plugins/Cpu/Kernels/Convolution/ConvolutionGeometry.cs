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

    public long[] OutputSpatial => [.. Windows.Select(window => window.Output)];

    /// <summary>Geometry of a forward convolution as a node's attributes say.</summary>
    public static ConvolutionGeometry Of(Node node, TensorShape input, TensorShape filter)
    {
        if (input.Rank is not (4 or 5) || filter.Rank != input.Rank)
            throw Refuse.Invalid($"input and filter must both have rank 4 (or 5 in 3-D), got {input} and {filter}");
        var format = DataFormat.Of(node, input.Rank);
        long[] strides = node.Longs("strides");
        long[] dilations = node.Attributes.ContainsKey("dilations") ? node.Longs("dilations") : [];
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

    private static long[] Explicit(Node node, int rank)
    {
        if (node.Text("padding") != "EXPLICIT")
            return new long[2 * rank];
        long[] padding = node.Longs("explicit_paddings");
        if (padding.Length != 2 * rank)
            throw Refuse.Invalid($"explicit_paddings attribute must contain {2 * rank} values, but got: {padding.Length}");
        return padding;
    }

    /// <summary>Visits each output position with the input positions under its window; taps outside the input are left out.</summary>
    /// <param name="visit">Gets output position, tap number and input position, each row-major over the spatial dimensions.</param>
    public void ForEachTap(Action<int, int, int> visit)
    {
        Window d = Windows.Length == 3 ? Windows[0] : new(1, 1, 1, 1, 0, 1);
        Window h = Windows[^2];
        Window w = Windows[^1];
        int output = 0;
        for (long od = 0; od < d.Output; od++)
        {
            for (long oh = 0; oh < h.Output; oh++)
            {
                for (long ow = 0; ow < w.Output; ow++, output++)
                    VisitWindow(od, oh, ow, output);
            }
        }

        void VisitWindow(long od, long oh, long ow, int position)
        {
            int tap = 0;
            for (long kd = 0; kd < d.Size; kd++)
            {
                long id = (od * d.Stride) - d.Before + (kd * d.Dilation);
                for (long kh = 0; kh < h.Size; kh++)
                {
                    long ih = (oh * h.Stride) - h.Before + (kh * h.Dilation);
                    for (long kw = 0; kw < w.Size; kw++, tap++)
                    {
                        long iw = (ow * w.Stride) - w.Before + (kw * w.Dilation);
                        if (id >= 0 && id < d.Input && ih >= 0 && ih < h.Input && iw >= 0 && iw < w.Input)
                            visit(position, tap, (int)((((id * h.Input) + ih) * w.Input) + iw));
                    }
                }
            }
        }
    }
}
