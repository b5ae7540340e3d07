using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Quantization.Classic;

/// <summary>Nodes that the 8-bit ops do not compute.</summary>
internal static class EightBitDeclines
{
    /// <summary>Why a node must stay float, or null.</summary>
    public static string? Find(Node node)
    {
        if (Text(node, "data_format") is { } format && format is not ("NHWC" or ""))
            return $"its data_format is {format}; the 8-bit op knows NHWC only";
        if (Numbers(node, "dilations").Any(dilation => dilation != 1))
            return "it has dilations, which the 8-bit op has not";
        if (Text(node, "padding") == "EXPLICIT")
            return "it has explicit paddings, which the 8-bit op has not";
        if (node.Attributes.TryGetValue("half_pixel_centers", out var centers) && centers is BoolValue { Value: true })
            return "it has half_pixel_centers, which the 8-bit op has not";
        var strides = Numbers(node, "strides");
        return node.Op == "Conv2D" && strides.Length == 4 && strides[1] != strides[2] ? "its strides are not equal, as the 8-bit op wants them" : null;
    }

    private static string? Text(Node node, string attribute) => node.Attributes.TryGetValue(attribute, out var value) && value is BytesValue text ? text.Text : null;

    private static ImmutableArray<long> Numbers(Node node, string attribute) =>
        node.Attributes.TryGetValue(attribute, out var value) && value is ListValue list ? [.. list.Items.OfType<IntValue>().Select(item => item.Value)] : [];
}
