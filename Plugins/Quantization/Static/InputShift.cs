using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Quantization.Static;

/// <summary>
/// Signed data as quint8 with zero point 128: TensorFlow's integer depthwise convolution takes quint8 only. 128 steps are added to the data, which is then padded with as much and quantized; the bias
/// takes 128 times the sum of a channel's weights back.
/// </summary>
/// <param name="Range">Parameters of the shifted data: its scale is that of the signed data.</param>
/// <param name="Offset">What is added, 128 steps.</param>
/// <param name="Padding">Rows above and below, columns left and right that SAME adds; empty for none.</param>
internal sealed record InputShift(ActivationRange Range, float Offset, ImmutableArray<int> Padding)
{
    /// <summary>The zero point.</summary>
    public const int ZeroPoint = 128;

    private const int Levels = 127;

    /// <summary>The shift for a depthwise convolution; null when its padding depends on sizes that are not known.</summary>
    /// <param name="node">The convolution.</param>
    /// <param name="filter">Shape of its filter.</param>
    /// <param name="data">Shape of its data, as far as it is known.</param>
    /// <param name="signed">Parameters of its data.</param>
    public static InputShift? Of(Node node, TensorShape filter, TensorShape? data, ActivationRange signed)
    {
        var range = new ActivationRange(false, signed.End * 255 / Levels);
        float offset = signed.End * ZeroPoint / Levels;
        if (node.Attributes["padding"] is BytesValue { Text: "VALID" })
            return new(range, offset, []);
        return Padded(node, filter, 1, data) is var (top, bottom) && Padded(node, filter, 2, data) is var (left, right)
            ? new(range, offset, top + bottom + left + right == 0 ? [] : [top, bottom, left, right])
            : null;
    }

    private static (int Before, int After)? Padded(Node node, TensorShape filter, int axis, TensorShape? data)
    {
        long stride = At(node, "strides", axis);
        long size = ((filter[axis - 1] - 1) * At(node, "dilations", axis)) + 1;
        long input = data is { IsUnknownRank: false } shape ? shape[axis] : -1;
        if (stride != 1 && input < 0)
            return null;
        long left = stride == 1 ? stride : input % stride == 0 ? stride : input % stride;
        int total = (int)Math.Max(0, size - left);
        return (total / 2, total - (total / 2));
    }

    private static long At(Node node, string attribute, int axis) =>
        node.Attributes.TryGetValue(attribute, out var value) && value is ListValue { Items: { Length: 4 } items } && items[axis] is IntValue number ? number.Value : 1;
}
