using TransformFramework.Graphs;
using TransformFramework.Onnx.Export;

namespace TransformFramework.Onnx.Forms;

/// <summary>Conv2D, and DepthwiseConv2dNative as a convolution with a group for each input channel. A constant filter is rearranged, another one transposed in the graph.</summary>
internal sealed class ConvolutionForm : IOnnxForm
{
    public void Write(Node node, GraphExport export)
    {
        Images.RequireChannelsLast(node);
        bool isDepthwise = node.Op == "DepthwiseConv2dNative";
        long[] strides = node.Longs("strides");
        long[] dilations = isDepthwise ? [1, 1, 1, 1] : node.Longs("dilations");
        List<(string, object)> attributes = [("strides", Images.Spatial(strides)), ("dilations", Images.Spatial(dilations)), .. Images.Padding(node)];
        string input = export.Read(node.Data(0), Layout.ChannelsFirst);
        Tensor? filter = export[node.Data(1)].Constant;
        if (isDepthwise)
            attributes.Add(("group", filter?.Shape[2] ?? throw ExportAttributes.Unfit("a depthwise filter must be a constant")));
        string weights = filter is null ? Transposed(node, export) : export.Constant(isDepthwise ? Depthwise(filter) : Constants.Transpose(filter, 3, 2, 0, 1), $"{node.Name}/weights");
        export.Add("Conv", [input, weights], export.Define(node, 0, Layout.ChannelsFirst), [.. attributes]);
    }

    private static string Transposed(Node node, GraphExport export)
    {
        string transposed = export.Fresh($"{node.Name}/weights");
        export.Add("Transpose", [export.Read(node.Data(1))], transposed, ("perm", new long[] { 3, 2, 0, 1 }));
        return transposed;
    }

    /// <summary>[height, width, in, multiplier] to [in · multiplier, 1, height, width].</summary>
    public static Tensor Depthwise(Tensor filter)
    {
        Tensor moved = Constants.Transpose(filter, 2, 3, 0, 1);
        return Tensor.FromContent(moved.Type, TensorShape.Of(moved.Shape[0] * moved.Shape[1], 1, moved.Shape[2], moved.Shape[3]), moved.Bytes);
    }
}
