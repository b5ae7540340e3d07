using TransformFramework.Graphs;

namespace TransformFramework.Onnx.Writing;

/// <summary>Windows of a convolution or pooling node of the graph over its spatial dimensions.</summary>
/// <param name="Count">Number of spatial dimensions.</param>
/// <param name="IsFirst">True when the graph has the channels first.</param>
/// <param name="Strides">Steps of the windows.</param>
/// <param name="Dilations">Steps within a window.</param>
internal sealed record ImageWindows(int Count, bool IsFirst, long[] Strides, long[] Dilations)
{
    public int ChannelAxis => IsFirst ? 1 : Count + 1;

    /// <summary>The layout in which ONNX computes the result; volumes are transposed back at once.</summary>
    public Layout Layout => IsFirst || Count == 3 ? Layout.Original : Layout.ChannelsFirst;

    /// <summary>The dimension of the graph's tensor that a spatial one is.</summary>
    public int AxisOf(int spatial) => spatial + (IsFirst ? 2 : 1);

    public long[] KernelOf(TensorShape filter) => [.. filter.Dimensions.Take(Count)];

    /// <summary>The windows of a node. Dilations have no effect on DepthwiseConv2dNative on CPUs; graphs dilate it by SpaceToBatchND.</summary>
    public static ImageWindows Of(NodeWriter node, TensorShape image)
    {
        bool isFirst = node.Text("data_format").StartsWith("NC", StringComparison.Ordinal);
        long[] strides = node.Integers("strides");
        int count = strides.Length - 2;
        if (count is not (2 or 3) || (!image.IsUnknownRank && image.Rank != count + 2))
            throw OnnxDiagnostics.Decline($"an image of shape {image} with strides for {strides.Length} dimensions");
        bool isDilated = node.Op != "DepthwiseConv2dNative";
        long[] dilations = isDilated && node.Integers("dilations") is { Length: > 0 } given ? given : [.. Enumerable.Repeat(1L, strides.Length)];
        if (dilations.Length != strides.Length)
            throw OnnxDiagnostics.Decline($"strides for {strides.Length} dimensions with dilations for {dilations.Length}");
        return new(count, isFirst, Spatial(strides, isFirst), Spatial(dilations, isFirst));
    }

    /// <summary>The spatial values of a list for all dimensions.</summary>
    public static long[] Spatial(long[] values, bool isFirst)
    {
        if (values.Length is not (4 or 5) || Array.Exists(values, value => value is <= 0 or > int.MaxValue))
            throw OnnxDiagnostics.Decline($"windows, strides and dilations are four or five positive 32-bit numbers, these are [{string.Join(", ", values)}]");
        int channel = isFirst ? 1 : values.Length - 1;
        if (values[0] != 1 || values[channel] != 1)
            throw OnnxDiagnostics.Decline("windows, strides and dilations along batch or channels");
        return [.. values.Where((_, axis) => axis != 0 && axis != channel)];
    }

    /// <summary>An input with the channels first.</summary>
    public Operand Read(NodeWriter node, int slot) => Count == 3 && !IsFirst ? node.Transpose(node[slot], 0, 4, 1, 2, 3) : node.Read(slot, Layout);

    /// <summary>A result in the layout that this says.</summary>
    public Operand Restore(NodeWriter node, Operand result) => Count == 3 && !IsFirst ? node.Transpose(result, 0, 2, 3, 4, 1) : result;
}
