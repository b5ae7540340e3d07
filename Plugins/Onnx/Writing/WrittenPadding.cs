using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;

namespace TransformFramework.Onnx.Writing;

/// <summary>How the windows of a node overhang its image in ONNX: explicit pads where the size is known, else by rule. A padding node before it is taken in.</summary>
/// <param name="Image">What the windows slide over.</param>
/// <param name="Attributes">Attributes that say the padding.</param>
internal sealed record WrittenPadding(Operand Image, (string Name, object Value)[] Attributes)
{
    public static WrittenPadding Of(NodeWriter node, ImageWindows windows, long[]? kernel = null)
    {
        long[] size = kernel ?? windows.KernelOf(node.Info(1).Shape);
        string padding = node.Text("padding");
        if (padding == "VALID" && TryTakeIn(node, windows) is { } taken)
            return taken;
        Operand image = windows.Read(node, 0);
        switch (padding)
        {
            case "VALID":
                CheckWithin(node, windows, size);
                return new(image, []);
            case "SAME":
                return new(image, Same(node, windows, size));
            case "EXPLICIT":
                long[] around = node.Integers("explicit_paddings");
                if (around.Length != 2 * (windows.Count + 2) || Array.Exists(around, size => size is < 0 or > int.MaxValue))
                    throw OnnxDiagnostics.Decline($"explicit_paddings are {2 * (windows.Count + 2)} 32-bit numbers from 0 on, these are [{string.Join(", ", around)}]");
                return new(image, [("pads", Pads(windows, axis => (around[2 * axis], around[(2 * axis) + 1])))]);
            default:
                throw OnnxDiagnostics.Decline($"padding '{padding}'");
        }
    }

    private static void CheckWithin(NodeWriter node, ImageWindows windows, long[] size)
    {
        TensorShape shape = node.Info(0).Shape;
        for (int i = 0; i < windows.Count; i++)
        {
            if (!shape.IsUnknownRank && shape[windows.AxisOf(i)] is >= 0 and var image && ((Math.Min(size[i], int.MaxValue) - 1) * windows.Dilations[i]) + 1 > image + windows.Strides[i])
                throw OnnxDiagnostics.Decline($"a window of {size[i]} with dilation {windows.Dilations[i]} over an image of {image}");
        }
    }

    private static (string, object)[] Same(NodeWriter node, ImageWindows windows, long[] size)
    {
        TensorShape shape = node.Info(0).Shape;
        long[] pads = new long[2 * windows.Count];
        bool isDilated = Array.Exists(windows.Dilations, dilation => dilation != 1);
        for (int i = 0; i < windows.Count; i++)
        {
            long dilated = ((size[i] - 1) * windows.Dilations[i]) + 1;
            long input = shape.IsUnknownRank ? -1 : shape[windows.AxisOf(i)];
            if (input < 0 && windows.Strides[i] != 1)
                return isDilated ? throw OnnxDiagnostics.Decline("padding SAME of strided, dilated windows over an image of unknown size") : [("auto_pad", "SAME_UPPER")];
            long outputs = (input + windows.Strides[i] - 1) / windows.Strides[i];
            long total = input < 0 ? dilated - 1 : Math.Max(0, ((outputs - 1) * windows.Strides[i]) + dilated - input);
            pads[i] = total / 2;
            pads[i + windows.Count] = total - pads[i];
        }
        return Array.TrueForAll(pads, pad => pad == 0) ? [] : [("pads", pads)];
    }

    /// <summary>A padding of zeros that only these windows read.</summary>
    private static WrittenPadding? TryTakeIn(NodeWriter node, ImageWindows windows)
    {
        Graph graph = node.Graph.Graph;
        bool isConvolution = node.Op.Contains("Conv", StringComparison.Ordinal);
        NodeInput input = node.Input(0);
        if (!isConvolution || windows.Count != 2 || windows.IsFirst || input.Port != 0 || graph.Find(input.Node) is not { Op: "Pad" } pad || graph.ConsumersOf(pad).Length != 1 || node.Graph.Context.IsOutput(input))
            return null;
        NodeInput[] sources = [.. pad.DataInputs];
        if (node.Graph[sources[1]].Info.Constant is not { IsDecodable: true } pairs || !node.Graph.IsBound(sources[0]))
            return null;
        long[] around = Tensors.ToLongs(pairs);
        int channel = windows.ChannelAxis;
        bool isSpatial = around.Length == 2 * (windows.Count + 2) && around[0] + around[1] + around[2 * channel] + around[(2 * channel) + 1] == 0;
        return isSpatial ? new(node.Graph.Read(sources[0], windows.Layout), [("pads", Pads(windows, axis => (around[2 * axis], around[(2 * axis) + 1])))]) : null;
    }

    private static long[] Pads(ImageWindows windows, Func<int, (long Before, long After)> around)
    {
        long[] pads = new long[2 * windows.Count];
        for (int i = 0; i < windows.Count; i++)
            (pads[i], pads[i + windows.Count]) = around(windows.AxisOf(i));
        return pads;
    }
}
