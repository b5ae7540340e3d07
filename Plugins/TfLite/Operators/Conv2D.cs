using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Writing;

namespace TransformFramework.TfLite.Operators;

/// <summary>
/// Convolutions over images.
/// <code>
/// CONV_2D(x: NHWC, w: OHWI, b) {stride, dilation, padding, activation}   ↔   Conv2D(x, w: HWIO);  BiasAdd(b);  Relu | Relu6
/// </code>
/// A convolution in groups is split along its channels.
/// </summary>
[OperatorConverter("CONV_2D", Nodes = ["Conv2D", "BiasAdd", "BiasAddV1"])]
internal sealed class Conv2D : OperatorConverter
{
    private const int Channel = 3;

    public override void Read(OperatorReader op)
    {
        var layer = new LayerReader(op, 0, 1, 2);
        if (op.Rank(0) != 4 || layer.WeightsShape.Length != 4)
            throw op.Refusal("data and weights must have four dimensions");
        Value x = layer.Data([1, 2, 3], layer.IsPerChannel);
        int channels = op.Input(0).Tensor.Shape[Channel];
        int inner = layer.WeightsShape[Channel];
        int groups = channels > 0 && inner > 0 && channels % inner == 0 ? channels / inner : 1;
        op.Result(op.Activate(layer.AddBias(groups == 1 ? Convolve(op, x, layer.Ordered(1, 2, 3, 0)) : Grouped(op, x, layer, groups))));
    }

    private static Value Convolve(OperatorReader op, Value x, Value w) =>
        op.Node("Conv2D", [x, w], [Windows.Strides(op), Windows.Padding(op), .. Windows.Dilations(op)]);

    private static Value Grouped(OperatorReader op, Value x, LayerReader layer, int groups)
    {
        const int MostGroups = 4096;
        if (groups > MostGroups || layer.Elements is null || layer.WeightsShape[0] % groups != 0)
            throw op.Refusal($"{groups} groups have no counterpart");
        Value axis = op.Graph.Constant(Channel);
        NodeDraft data = op.Graph.Add("Split", [axis, x], ("num_split", groups));
        return op.Node("ConcatV2", [.. Enumerable.Range(0, groups).Select(i => Convolve(op, new(data, i), layer.Group(i, groups))), axis]);
    }

    public override void Write(NodeWriter node)
    {
        TensorDraft x = node.In(0);
        if (node.Node.Op != "Conv2D")
        {
            if (node.Node.TryString("data_format", out string? format) && format != "NHWC" && x.Rank > 2)
                throw node.Decline("only channels last has a counterpart", "Bring the graph to channels last first.");
            node.Out(node.Emit("ADD", [x, node.In(1)]));
            return;
        }
        var options = Padded(node, ref x);
        TensorDraft w = WeightsWriter.Of(node, 1).Transposed(3, 0, 1, 2);
        node.Out(node.Emit("CONV_2D", [x, w], [.. options, .. Windows.DilationOptions(node)]));
    }

    /// <summary>Explicit padding becomes an operator of its own.</summary>
    private static (string, object)[] Padded(NodeWriter node, ref TensorDraft x)
    {
        if (node.Node.String("padding") != "EXPLICIT")
            return Windows.Options(node);
        if (node.Node.String("data_format") != "NHWC")
            throw node.Decline("only channels last has a counterpart", "Bring the graph to channels last first.");
        x = node.Emit("PAD", [x, node.Int32Constant([.. node.Node.LongList("explicit_paddings")], [4, 2])]);
        var strides = node.Node.LongList("strides");
        return [("padding", 1), ("stride_h", (int)strides[1]), ("stride_w", (int)strides[2])];
    }
}
