using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Writing;

namespace TransformFramework.TfLite.Operators;

/// <summary>
/// Transposed convolutions, and those over volumes.
/// <code>
/// TRANSPOSE_CONV(shape, w: OHWI, x, b) {stride, padding, activation}   ↔   Conv2DBackpropInput(shape, w: HWOI, x);  BiasAdd(b)
/// CONV_3D(x, w: DHWIO, b)                                              ↔   Conv3D(x, w);  BiasAdd(b)
/// CONV_3D_TRANSPOSE(shape, w: DHWOI, x, b)                             ↔   Conv3DBackpropInputV2(shape, w, x);  BiasAdd(b)
/// </code>
/// </summary>
[OperatorConverter("TRANSPOSE_CONV", "CONV_3D", "CONV_3D_TRANSPOSE", Nodes = ["Conv2DBackpropInput", "Conv3D", "Conv3DBackpropInputV2"])]
internal sealed class TransposeConv : OperatorConverter
{
    public override void Read(OperatorReader op)
    {
        var layer = op.Name == "CONV_3D" ? new LayerReader(op, 0, 1, 2) : new LayerReader(op, 2, 1, 3);
        if (op.Name == "TRANSPOSE_CONV")
        {
            Value x = layer.Data([1, 2, 3], layer.IsPerChannel);
            Value product = op.Node("Conv2DBackpropInput", [op.Stored(0), layer.Ordered(1, 2, 0, 3), x], Windows.Strides(op), Windows.Padding(op));
            op.Result(op.Activate(layer.AddBias(product)));
            return;
        }
        (string, AttributeValue)[] attributes = [Steps(op, "stride", "strides"), Windows.Padding(op), Steps(op, "dilation", "dilations")];
        Value volume = op.Name == "CONV_3D"
            ? op.Node("Conv3D", [op.Real(0), op.Real(1)], attributes)
            : op.Node("Conv3DBackpropInputV2", [op.Stored(0), op.Real(1), op.Real(2)], attributes);
        op.Result(op.Activate(layer.AddBias(volume)));
    }

    private static (string, AttributeValue) Steps(OperatorReader op, string option, string attribute) =>
        (attribute, AttributeValue.Ints(1, Windows.Size(op, option + "_d"), Windows.Size(op, option + "_h"), Windows.Size(op, option + "_w"), 1));

    public override void Write(NodeWriter node)
    {
        if (node.Node.Op == "Conv2DBackpropInput")
        {
            if (Windows.DilationOptions(node).Length > 0)
                throw node.Decline("dilations have no counterpart");
            TensorDraft w = WeightsWriter.Of(node, 1).Transposed(2, 0, 1, 3);
            node.Out(node.Emit("TRANSPOSE_CONV", [OutputShape(node), w, node.In(2)], node.In(2).Type, Windows.Options(node)));
            return;
        }
        var strides = node.Node.LongList("strides");
        var dilations = node.Node.LongList("dilations");
        (string, object)[] options = [("padding", node.Node.String("padding") == "SAME" ? 0 : 1), ("stride_d", node.Size(strides[1], "strides")), ("stride_h", node.Size(strides[2], "strides")), ("stride_w", node.Size(strides[3], "strides")),
            ("dilation_d", node.Size(dilations[1], "dilations")), ("dilation_h", node.Size(dilations[2], "dilations")), ("dilation_w", node.Size(dilations[3], "dilations"))];
        if (node.Node.String("data_format") != "NDHWC")
            throw node.Decline("only channels last has a counterpart");
        node.Out(node.Node.Op == "Conv3D"
            ? node.Emit("CONV_3D", [node.In(0), node.In(1)], options)
            : node.Emit("CONV_3D_TRANSPOSE", [OutputShape(node), node.In(1), node.In(2)], node.In(2).Type, options));
    }

    private static TensorDraft OutputShape(NodeWriter node) => node.Int32(0);
}
