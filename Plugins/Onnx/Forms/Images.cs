using TransformFramework.Graphs;
using TransformFramework.Onnx.Export;

namespace TransformFramework.Onnx.Forms;

/// <summary>What ops on images have in common.</summary>
internal static class Images
{
    public static void RequireChannelsLast(Node node)
    {
        string format = node.Text("data_format", "NHWC");
        if (format != "NHWC")
            throw ExportAttributes.Unfit($"data_format {format} has no form; NHWC has");
    }

    /// <summary>Height and width of a list for four dimensions.</summary>
    public static long[] Spatial(long[] values) => values is [1, var height, var width, 1]
        ? [height, width]
        : throw ExportAttributes.Unfit("windows, strides and dilations along batch or channels have no form");

    /// <summary>The attributes that say how windows overhang an image.</summary>
    public static IEnumerable<(string Name, object Value)> Padding(Node node) => node.Text("padding") switch
    {
        "SAME" => [("auto_pad", "SAME_UPPER")],
        "VALID" => [("pads", new long[4])],
        "EXPLICIT" => [("pads", Explicit(node.Longs("explicit_paddings")))],
        string other => throw ExportAttributes.Unfit($"padding '{other}' has no form"),
    };

    private static long[] Explicit(long[] paddings) => paddings is [0, 0, var top, var bottom, var left, var right, 0, 0]
        ? [top, left, bottom, right]
        : throw ExportAttributes.Unfit("explicit padding of batch or channels has no form");
}
