using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Writing;

namespace TransformFramework.TfLite.Operators;

/// <summary>Attributes of sliding windows, channels last.</summary>
internal static class Windows
{
    private const int MostSize = 1 << 20;

    public static (string, AttributeValue) Padding(OperatorReader op) => ("padding", op.Options.Int("padding") switch
    {
        0 => "SAME",
        1 => "VALID",
        var other => throw op.Refusal($"padding {other} is unknown"),
    });

    public static (string, AttributeValue) Strides(OperatorReader op) => ("strides", AttributeValue.Ints(1, Size(op, "stride_h"), Size(op, "stride_w"), 1));

    public static (string, AttributeValue) Window(OperatorReader op) => ("ksize", AttributeValue.Ints(1, Size(op, "filter_height"), Size(op, "filter_width"), 1));

    /// <summary>The attribute of dilations, or nothing when they are 1.</summary>
    public static IEnumerable<(string, AttributeValue)> Dilations(OperatorReader op)
    {
        int height = Size(op, "dilation_h");
        int width = Size(op, "dilation_w");
        return height == 1 && width == 1 ? [] : [("dilations", AttributeValue.Ints(1, height, width, 1))];
    }

    /// <summary>A size from the options.</summary>
    /// <exception cref="ModelFiles.ModelFormatException">It is not positive, or too large.</exception>
    public static int Size(OperatorReader op, string option)
    {
        int size = op.Options.Int(option);
        return size is > 0 and <= MostSize ? size : throw op.Refusal($"{option} is {size}");
    }

    /// <summary>The options of a node's padding and strides; explicit padding is refused.</summary>
    public static (string, object)[] Options(NodeWriter node)
    {
        if (node.Node.TryString("data_format", out string? format) && format is not ("NHWC" or "NDHWC"))
            throw node.Decline($"the data format {format} has no counterpart", "Bring the graph to channels last first.");
        int padding = node.Node.String("padding") switch
        {
            "SAME" => 0,
            "VALID" => 1,
            var other => throw node.Decline($"padding {other} has no counterpart"),
        };
        var strides = node.Node.LongList("strides");
        if (strides.Length != 4 || strides[0] != 1 || strides[3] != 1)
            throw node.Decline("strides over batch or channels have no counterpart");
        return [("padding", padding), ("stride_h", node.Size(strides[1], "strides")), ("stride_w", node.Size(strides[2], "strides"))];
    }

    /// <summary>The options of a node's padding and strides; explicit padding becomes an operator of its own.</summary>
    public static (string, object)[] Padded(NodeWriter node, ref TensorDraft x)
    {
        if (node.Node.String("padding") != "EXPLICIT")
            return Options(node);
        if (node.Node.String("data_format") != "NHWC")
            throw node.Decline("only channels last has a counterpart", "Bring the graph to channels last first.");
        long[] around = [.. node.Node.LongList("explicit_paddings")];
        if (around.Length != 8 || Array.Exists(around, size => size is < 0 or > int.MaxValue))
            throw node.Decline($"explicit_paddings are eight 32-bit numbers from 0 on, these are [{string.Join(", ", around)}]");
        x = node.Emit("PAD", [x, node.Int32Constant(around, [4, 2])]);
        var strides = node.Node.LongList("strides");
        return [("padding", 1), ("stride_h", node.Size(strides[1], "strides")), ("stride_w", node.Size(strides[2], "strides"))];
    }

    /// <summary>The options of a node's dilations; none when they are 1.</summary>
    public static (string, object)[] DilationOptions(NodeWriter node) =>
        node.Node.TryLongList("dilations", out var dilations) && dilations.Length == 4 && dilations.Any(dilation => dilation != 1)
            ? [("dilation_h", node.Size(dilations[1], "dilations")), ("dilation_w", node.Size(dilations[2], "dilations"))] : [];
}
