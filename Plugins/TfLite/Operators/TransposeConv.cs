using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;

namespace TransformFramework.TfLite.Operators;

/// <summary>
/// Transposed convolutions, and those over volumes.
/// <code>
/// TRANSPOSE_CONV(shape, w: OHWI, x, b) {stride, padding, activation}   ↔   Conv2DBackpropInput(shape, w: HWOI, x);  BiasAdd(b)
/// CONV_3D(x, w: DHWIO, b)                                              ↔   Conv3D(x, w);  BiasAdd(b)
/// CONV_3D_TRANSPOSE(shape, w: DHWOI, x, b)                             ↔   Conv3DBackpropInputV2(shape, w, x);  BiasAdd(b)
/// </code>
/// </summary>
[OperatorConverter("TRANSPOSE_CONV", "CONV_3D", "CONV_3D_TRANSPOSE")]
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
}
