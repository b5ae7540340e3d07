using TransformFramework.Graphs;
using TransformFramework.Onnx.Model;

namespace TransformFramework.Onnx.Operators;

/// <summary>How windows slide over the spatial dimensions of an image with channels first.</summary>
/// <param name="Kernel">Sizes of the window.</param>
/// <param name="Strides">Steps from window to window.</param>
/// <param name="Dilations">Steps within a window.</param>
/// <param name="Before">Padding before each dimension.</param>
/// <param name="After">Padding behind each dimension, without what rounding up adds.</param>
/// <param name="Input">Sizes of the image; -1 where unknown.</param>
/// <param name="Output">Number of windows; -1 where unknown.</param>
internal sealed record Windows(long[] Kernel, long[] Strides, long[] Dilations, long[] Before, long[] After, long[] Input, long[] Output)
{
    /// <summary>True when the padding is TensorFlow's SAME for the image's sizes, or is asked for as such.</summary>
    public bool IsSame { get; init; }

    public int Count => Kernel.Length;

    public bool IsUnpadded => Array.TrueForAll(Before, pad => pad == 0) && Array.TrueForAll(After, pad => pad == 0);

    public bool IsDilated => Array.Exists(Dilations, dilation => dilation != 1);

    /// <summary>True when windows at the end reach further than the padding.</summary>
    public bool Overhangs => Enumerable.Range(0, Count).Any(i => Overhang(i) > 0);

    /// <summary>Elements by which the last window reaches over the padded image.</summary>
    public long Overhang(int axis) => Output[axis] < 0 ? 0 : Math.Max(0, ((Output[axis] - 1) * Strides[axis]) + DilatedSize(axis) - Input[axis] - Before[axis] - After[axis]);

    /// <summary>Size of a window with its gaps.</summary>
    public long DilatedSize(int axis) => ((Kernel[axis] - 1) * Dilations[axis]) + 1;

    /// <summary>Reads the attributes of a convolution or pooling.</summary>
    /// <param name="node">The node.</param>
    /// <param name="image">Shape of the image, [batch, channels, spatial…].</param>
    /// <param name="kernel">Sizes of the window.</param>
    public static Windows Of(NodeAttributes node, TensorShape image, long[] kernel)
    {
        int count = kernel.Length;
        long[] strides = Checked(node, "strides", count, 1);
        long[] dilations = Checked(node, "dilations", count, 1);
        long[] pads = node.Integers("pads") ?? new long[2 * count];
        if (pads.Length != 2 * count)
            throw OnnxDiagnostics.Broken($"{pads.Length} pads are given for {count} spatial dimensions");
        if (Array.Exists(kernel, size => size is <= 0 or > int.MaxValue) || Array.Exists(pads, pad => pad is < int.MinValue or > int.MaxValue))
            throw OnnxDiagnostics.Broken("the window or its padding is empty or too large");
        string auto = node.Text("auto_pad", "NOTSET");
        bool roundsUp = node.Flag("ceil_mode");
        long[] before = [.. pads.Take(count)];
        long[] after = [.. pads.Skip(count)];
        long[] input = [.. Enumerable.Range(2, count).Select(axis => image.IsUnknownRank ? -1 : image[axis])];
        long[] output = new long[count];
        for (int i = 0; i < count; i++)
        {
            long dilated = ((kernel[i] - 1) * dilations[i]) + 1;
            if (auto is "SAME_UPPER" or "SAME_LOWER")
            {
                output[i] = input[i] < 0 ? -1 : (input[i] + strides[i] - 1) / strides[i];
                long total = input[i] < 0 ? 0 : Math.Max(0, ((output[i] - 1) * strides[i]) + dilated - input[i]);
                before[i] = auto == "SAME_UPPER" ? total / 2 : (total + 1) / 2;
                after[i] = total - before[i];
                continue;
            }
            if (auto == "VALID")
                before[i] = after[i] = 0;
            output[i] = input[i] < 0 ? -1 : Outputs(input[i], before[i], after[i], dilated, strides[i], roundsUp);
        }
        bool isSame = auto == "SAME_UPPER" || (auto != "SAME_LOWER" && IsSameFor(input, before, after, output, kernel, strides, dilations));
        return new(kernel, strides, dilations, before, after, input, output) { IsSame = isSame };
    }

    private static long Outputs(long input, long before, long after, long dilated, long stride, bool roundsUp)
    {
        long room = input + before + after - dilated;
        if (room < 0)
            return roundsUp && room > -stride ? 1 : 0;
        long count = ((roundsUp ? room + stride - 1 : room) / stride) + 1;
        return roundsUp && (count - 1) * stride >= input + before ? count - 1 : count;
    }

    private static bool IsSameFor(long[] input, long[] before, long[] after, long[] output, long[] kernel, long[] strides, long[] dilations)
    {
        for (int i = 0; i < input.Length; i++)
        {
            long dilated = ((kernel[i] - 1) * dilations[i]) + 1;
            if (input[i] < 0)
            {
                bool isCentred = strides[i] == 1 && before[i] == (dilated - 1) / 2 && after[i] == dilated - 1 - before[i];
                if (!isCentred)
                    return false;
                continue;
            }
            long same = (input[i] + strides[i] - 1) / strides[i];
            long total = Math.Max(0, ((same - 1) * strides[i]) + dilated - input[i]);
            if (output[i] != same || before[i] != total / 2 || after[i] < total - before[i])
                return false;
        }
        return true;
    }

    private static long[] Checked(NodeAttributes node, string name, int count, long otherwise)
    {
        long[] values = node.Integers(name) ?? [.. Enumerable.Repeat(otherwise, count)];
        if (values.Length != count)
            throw OnnxDiagnostics.Broken($"{values.Length} {name} are given for {count} spatial dimensions");
        return Array.TrueForAll(values, value => value is > 0 and <= int.MaxValue) ? values : throw OnnxDiagnostics.Broken($"the {name} must be positive");
    }
}
