using TransformFramework.Graphs;
using TransformFramework.Onnx.Model;

namespace TransformFramework.Onnx.Operators;

/// <summary>Windows of a transposed convolution: padding is what is cut off its result, negative where zeros are added behind it. Padding SAME adds none, as in ONNX Runtime.</summary>
internal sealed record Transposed(long[] Kernel, long[] Strides, long[] Dilations, long[] Before, long[] After, long[] OutputPadding, long[] Input)
{
    public bool IsUnpadded => Array.TrueForAll(Before, pad => pad == 0) && Array.TrueForAll(After, pad => pad == 0);

    /// <summary>Sizes of the result before it is cut; -1 where unknown.</summary>
    public long[] Full => [.. Enumerable.Range(0, Kernel.Length).Select(i => Input[i] < 0 ? -1 : ((Input[i] - 1) * Strides[i]) + DilatedSize(i) + OutputPadding[i])];

    /// <summary>Sizes of the result; -1 where unknown.</summary>
    public long[] Output => [.. Full.Select((size, i) => size < 0 ? -1 : Math.Max(0, size - Before[i] - After[i]))];

    public long DilatedSize(int axis) => ((Kernel[axis] - 1) * Dilations[axis]) + 1;

    /// <summary>The same over an image with another dimension of 1 before the others.</summary>
    public Transposed WithLeading() => new([1, .. Kernel], [1, .. Strides], [1, .. Dilations], [0, .. Before], [0, .. After], [0, .. OutputPadding], [1, .. Input]);

    public static Transposed Of(NodeAttributes node, TensorShape image, long[] kernel)
    {
        int count = kernel.Length;
        long[] strides = Checked(node, "strides", count, 1, 1);
        long[] dilations = Checked(node, "dilations", count, 1, 1);
        long[] extra = Checked(node, "output_padding", count, 0, 0);
        long[] pads = node.Integers("pads") ?? new long[2 * count];
        long[]? asked = node.Integers("output_shape");
        if (pads.Length != 2 * count || Array.Exists(pads, pad => pad is < int.MinValue or > int.MaxValue))
            throw OnnxDiagnostics.Broken($"{pads.Length} pads are given for {count} spatial dimensions");
        long[] input = [.. Enumerable.Range(2, count).Select(axis => image[axis])];
        var windows = new Transposed(kernel, strides, dilations, [.. pads.Take(count)], [.. pads.Skip(count)], extra, input);
        string auto = node.Text("auto_pad", "NOTSET");
        bool isSame = asked is null && auto is "SAME_UPPER" or "SAME_LOWER";
        if (isSame)
            asked = [.. input.Select((size, i) => size < 0 ? -1 : size * strides[i])];
        if (auto == "VALID")
            windows = windows with { Before = new long[count], After = new long[count] };
        if (asked is null)
            return windows;
        long[] full = windows.Full;
        for (int i = 0; i < count; i++)
        {
            long size = asked[asked.Length - count + i];
            if (full[i] < 0 || size < 0)
                throw OnnxDiagnostics.Decline("an output shape or padding SAME for an image of unknown size");
            long total = full[i] - size;
            if (total < 0 && isSame)
                total = 0;
            long cut = Math.Max(0, total);
            windows.Before[i] = auto == "SAME_UPPER" ? cut / 2 : cut - (cut / 2);
            windows.After[i] = total - windows.Before[i];
        }
        return windows;
    }

    private static long[] Checked(NodeAttributes node, string name, int count, long otherwise, long least)
    {
        long[] values = node.Integers(name) ?? [.. Enumerable.Repeat(otherwise, count)];
        return values.Length == count && Array.TrueForAll(values, value => value >= least && value <= int.MaxValue) ? values : throw OnnxDiagnostics.Broken($"the attribute '{name}' must have {count} values from {least} on");
    }
}
