using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;

namespace TransformFramework.TfLite.Operators;

/// <summary>
/// Convolutions over images.
/// <code>
/// CONV_2D(x: NHWC, w: OHWI, b) {stride, dilation, padding, activation}   ↔   Conv2D(x, w: HWIO);  BiasAdd(b);  Relu | Relu6
/// </code>
/// A convolution in groups is split along its channels.
/// </summary>
[OperatorConverter("CONV_2D")]
internal sealed class Conv2D : OperatorConverter
{
    private const int Channel = 3;

    public override void Read(OperatorReader op)
    {
        var layer = new LayerReader(op, 0, 1, 2);
        if (op.Rank(0) != 4 || layer.WeightsShape.Length != 4)
            throw op.Refusal("data and weights must have four dimensions");
        Value x = layer.Data([1, 2, 3], layer.IsPerChannel);
        Value w = layer.Ordered(1, 2, 3, 0);
        int channels = op.Input(0).Tensor.Shape[Channel];
        int inner = layer.WeightsShape[Channel];
        int groups = channels > 0 && inner > 0 && channels % inner == 0 ? channels / inner : 1;
        op.Result(op.Activate(layer.AddBias(groups == 1 ? Convolve(op, x, w) : Grouped(op, x, w, groups))));
    }

    private static Value Convolve(OperatorReader op, Value x, Value w) =>
        op.Node("Conv2D", [x, w], [Windows.Strides(op), Windows.Padding(op), .. Windows.Dilations(op)]);

    private static Value Grouped(OperatorReader op, Value x, Value w, int groups)
    {
        const int MostGroups = 4096;
        if (groups > MostGroups)
            throw op.Refusal($"{groups} groups are too many");
        Value axis = op.Graph.Constant(Channel);
        NodeDraft data = op.Graph.Add("Split", [axis, x], ("num_split", groups));
        NodeDraft weights = op.Graph.Add("Split", [axis, w], ("num_split", groups));
        return op.Node("ConcatV2", [.. Enumerable.Range(0, groups).Select(i => Convolve(op, new(data, i), new(weights, i))), axis]);
    }
}
