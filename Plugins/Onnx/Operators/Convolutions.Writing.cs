using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Writing;

namespace TransformFramework.Onnx.Operators;

/// <summary>Writes convolutions, with the padding before them where it is of zeros.</summary>
internal static partial class Convolutions
{
    [Writes("Conv2D", "DepthwiseConv2dNative", "Conv3D", Declines = "strides or dilations along batch or channels")]
    public static void Write(NodeWriter node)
    {
        ImageWindows windows = ImageWindows.Of(node, node.Info(0).Shape);
        WrittenPadding padding = WrittenPadding.Of(node, windows);
        bool isDepthwise = node.Op == "DepthwiseConv2dNative";
        Operand image = padding.Image;
        long channels = node.Info(0).Shape is { IsUnknownRank: false } shape ? shape[windows.ChannelAxis] : -1;
        TensorShape filter = node.Info(1).Shape;
        if (filter.Rank != windows.Count + 2)
            throw OnnxDiagnostics.Decline($"a filter of shape {filter}");
        long group = isDepthwise ? filter[2] : channels > 0 && filter[windows.Count] > 0 ? channels / filter[windows.Count] : 1;
        Operand weights = Weights(node, 1, isDepthwise);
        List<(string, object)> attributes = [("strides", windows.Strides), ("kernel_shape", windows.KernelOf(filter)), .. padding.Attributes];
        if (Array.Exists(windows.Dilations, dilation => dilation != 1))
            attributes.Add(("dilations", windows.Dilations));
        if (group > 1)
            attributes.Add(("group", group));
        node.Set(windows.Restore(node, node.Emit("Conv", [image, weights], attributes)), windows.Layout);
    }

    /// <summary>The filter with its output channels first.</summary>
    private static Operand Weights(NodeWriter node, int slot, bool isDepthwise)
    {
        Operand filter = node[slot];
        TensorShape shape = filter.Info.Shape;
        if (!isDepthwise)
            return node.Transpose(filter, shape.Rank == 5 ? [4, 3, 0, 1, 2] : [3, 2, 0, 1]);
        if (!shape.IsFullyKnown)
            throw OnnxDiagnostics.Decline("a depthwise filter must have a known shape");
        if (filter.Quantized is { } quantized)
        {
            Tensor moved = Tensors.Reshape(Tensors.Transpose(quantized.Values, 2, 3, 0, 1), shape[2] * shape[3], 1, shape[0], shape[1]);
            return node.Stored(OfChannels(quantized, (int)shape[2], (int)shape[3]) with { Values = moved });
        }
        return node.Reshape(node.Transpose(filter, 2, 3, 0, 1), shape[2] * shape[3], 1, shape[0], shape[1]);
    }

    /// <summary>Scales of a depthwise filter, one for each result channel: those of input channels, or of their multiples, hold for several.</summary>
    private static QuantizedConstant OfChannels(QuantizedConstant filter, int channels, int multiplier)
    {
        if (filter.Axis < 0)
            return filter;
        int Place(int channel) => filter.Scales.Length == channels * multiplier ? channel : filter.Axis == 2 ? channel / multiplier : channel % multiplier;
        int[] places = [.. Enumerable.Range(0, channels * multiplier).Select(Place)];
        return filter with { Scales = [.. places.Select(place => filter.Scales[place])], ZeroPoints = [.. places.Select(place => filter.ZeroPoints[place])], Axis = 0 };
    }

    /// <summary>The gradient of a convolution; SAME cuts as the forward convolution pads.</summary>
    [Writes("Conv2DBackpropInput", "Conv3DBackpropInputV2", Declines = "result sizes that are computed, beyond the batch")]
    public static void WriteTransposed(NodeWriter node)
    {
        bool isFirst = node.Text("data_format").StartsWith("NC", StringComparison.Ordinal);
        TensorShape filter = node.Info(1).Shape;
        int count = filter.Rank - 2;
        int[] spatial = [.. Enumerable.Range(isFirst ? 2 : 1, count)];
        long?[] sizes = node.Info(0).Elements is { IsDefault: false } elements ? [.. elements] : throw OnnxDiagnostics.Decline("the sizes of the result must be constant");
        long[] strides = ImageWindows.Spatial(node.Integers("strides"), isFirst);
        long[] dilations = node.Integers("dilations") is { Length: > 0 } given ? ImageWindows.Spatial(given, isFirst) : [.. Enumerable.Repeat(1L, count)];
        TensorShape image = node.Info(2).Shape;
        long[] pads = new long[2 * count];
        long[] extra = new long[count];
        string padding = node.Text("padding");
        long[] around = padding == "EXPLICIT" ? node.Integers("explicit_paddings") : [];
        for (int i = 0; i < count; i++)
        {
            long dilated = ((filter[i] - 1) * dilations[i]) + 1;
            if (sizes[spatial[i]] is not { } size || image.IsUnknownRank || image[spatial[i]] < 0)
                throw OnnxDiagnostics.Decline("height and width of the image and of the result must be constant");
            long full = ((image[spatial[i]] - 1) * strides[i]) + dilated;
            long total = padding == "SAME" ? Math.Max(0, full - size) : 0;
            pads[i] = padding == "EXPLICIT" ? around[2 * spatial[i]] : total / 2;
            pads[i + count] = padding == "EXPLICIT" ? around[(2 * spatial[i]) + 1] : total - (total / 2);
            extra[i] = size - (full - pads[i] - pads[i + count]);
            if (extra[i] < 0)
            {
                pads[i + count] -= extra[i];
                extra[i] = 0;
            }
        }
        long[] order = isFirst ? [] : count == 3 ? [0, 4, 1, 2, 3] : [];
        Layout layout = isFirst || count == 3 ? Layout.Original : Layout.ChannelsFirst;
        Operand data = order.Length > 0 ? node.Transpose(node[2], order) : node.Read(2, layout);
        Operand weights = node.Transpose(node[1], count == 3 ? [4, 3, 0, 1, 2] : [3, 2, 0, 1]);
        List<(string, object)> attributes = [("strides", strides), ("kernel_shape", filter.Dimensions.Take(count).ToArray()), ("pads", pads)];
        if (Array.Exists(extra, value => value != 0))
            attributes.Add(("output_padding", extra));
        if (Array.Exists(dilations, value => value != 1))
            attributes.Add(("dilations", dilations));
        Operand result = node.Emit("ConvTranspose", [data, weights], attributes);
        node.Set(order.Length > 0 ? node.Transpose(result, 0, 2, 3, 4, 1) : result, layout);
    }
}
