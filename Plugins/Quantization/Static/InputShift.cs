using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Quantization.Static;

/// <summary>
/// Signed data as quint8 with a zero point: TensorFlow's integer ops have none, and its depthwise convolution takes quint8 only. An offset is added to the data, which is then padded with as much and
/// quantized; the bias takes zero point times the sum of a channel's weights back.
/// </summary>
/// <param name="Range">Parameters of the shifted data.</param>
/// <param name="Offset">What is added.</param>
/// <param name="Padding">Rows above and below, columns left and right that SAME adds; empty for none.</param>
internal sealed record InputShift(ActivationRange Range, float Offset, ImmutableArray<int> Padding)
{
    private const int Levels = 127;
    private const int SignBit = 128;

    /// <summary>What the offset is in steps.</summary>
    public double ZeroPoint => Offset / Range.Scale;

    /// <summary>The shift of symmetric data by 128 steps of the same size; null when the padding depends on sizes that are not known.</summary>
    /// <param name="node">The convolution.</param>
    /// <param name="filter">Shape of its filter.</param>
    /// <param name="data">Shape of its data, as far as it is known.</param>
    /// <param name="signed">Parameters of its data.</param>
    public static InputShift? OfSigned(Node node, TensorShape filter, TensorShape? data, ActivationRange signed) =>
        Of(node, filter, data, new(false, signed.End * 255 / Levels), signed.End * SignBit / Levels);

    /// <summary>The shift of data between two values, of which the least is negative, by 255 steps.</summary>
    public static InputShift? OfInterval(Node node, TensorShape filter, TensorShape? data, float least, float greatest) =>
        Of(node, filter, data, new(false, greatest - least), -least);

    private static InputShift? Of(Node node, TensorShape filter, TensorShape? data, ActivationRange range, float offset)
    {
        if (node.String("padding") == "VALID")
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
        node.TryLongList(attribute, out var values) && values.Length == 4 ? values[axis] : 1;
}
