using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Writing;

namespace TransformFramework.Onnx.Operators;

/// <summary>
/// A dilated convolution that older graphs spell as three nodes.
/// <code>
/// BatchToSpaceND(Conv2D(SpaceToBatchND(x, block, pads), w), block, crops)   →   Conv(x, w, dilations = block, pads = pads - crops)
/// </code>
/// Only where nothing else reads what is between, and both are constant.
/// </summary>
internal static class AtrousConvolution
{
    public static bool TryWrite(NodeWriter node, long[] block, long[] crops)
    {
        Graph graph = node.Graph.Graph;
        if (block.Length != 2 || Alone(node, graph, node.Input(0)) is not { Op: "Conv2D" or "DepthwiseConv2dNative" } conv || !IsPlain(conv))
            return false;
        NodeInput[] inputs = [.. conv.DataInputs];
        if (Alone(node, graph, inputs[0]) is not { Op: "SpaceToBatchND" } toBatch || node.Graph[inputs[1]].Info.Constant is not { } filter)
            return false;
        NodeInput[] sources = [.. toBatch.DataInputs];
        bool isConstant = node.Graph[sources[1]].Info.Constant is { } blocks && Tensors.ToLongs(blocks).SequenceEqual(block);
        if (!isConstant || node.Graph[sources[2]].Info.Constant is not { } around)
            return false;
        long[] pads = Tensors.ToLongs(around);
        long[] effective = [pads[0] - crops[0], pads[2] - crops[2], pads[1] - crops[1], pads[3] - crops[3]];
        if (Array.Exists(effective, pad => pad < 0))
            return false;
        bool isDepthwise = conv.Op == "DepthwiseConv2dNative";
        Tensor moved = isDepthwise
            ? Tensors.Reshape(Tensors.Transpose(filter, 2, 3, 0, 1), filter.Shape[2] * filter.Shape[3], 1, filter.Shape[0], filter.Shape[1])
            : Tensors.Transpose(filter, 3, 2, 0, 1);
        List<(string, object)> attributes = [("dilations", block), ("pads", effective), ("kernel_shape", new[] { filter.Shape[0], filter.Shape[1] }), ("strides", new[] { 1L, 1L })];
        if (isDepthwise)
            attributes.Add(("group", filter.Shape[2]));
        node.Set(node.Emit("Conv", [node.Graph.Read(sources[0], Layout.ChannelsFirst), node.Const(moved)], attributes), Layout.ChannelsFirst);
        return true;
    }

    private static Node? Alone(NodeWriter node, Graph graph, NodeInput tensor) =>
        tensor.Port == 0 && graph.ConsumersOf(tensor.Node).Length == 1 && !node.Graph.Context.IsOutput(tensor) ? graph.Find(tensor.Node) : null;

    private static bool IsPlain(Node conv)
    {
        bool Ones(string attribute) => !conv.Attributes.TryGetValue(attribute, out var value) || (value is ListValue list && list.Items.All(item => item is IntValue { Value: 1 }));
        bool isValid = conv.Attributes.TryGetValue("padding", out var padding) && padding is BytesValue { Text: "VALID" };
        bool isLast = !conv.Attributes.TryGetValue("data_format", out var format) || format is BytesValue { Text: "NHWC" };
        return isValid && isLast && Ones("strides") && Ones("dilations");
    }
}
