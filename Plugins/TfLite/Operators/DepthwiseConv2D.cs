using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;

namespace TransformFramework.TfLite.Operators;

/// <summary>
/// Convolutions of each channel by itself.
/// <code>
/// DEPTHWISE_CONV_2D(x: NHWC, w: 1,H,W,C·M, b) {stride, dilation, padding, activation}   ↔   DepthwiseConv2dNative(x, w: H,W,C,M);  BiasAdd(b);  Relu | Relu6
/// </code>
/// </summary>
[OperatorConverter("DEPTHWISE_CONV_2D")]
internal sealed class DepthwiseConv2D : OperatorConverter
{
    public override void Read(OperatorReader op)
    {
        var layer = new LayerReader(op, 0, 1, 2);
        if (op.Rank(0) != 4 || layer.WeightsShape.Length != 4)
            throw op.Refusal("data and weights must have four dimensions");
        Value x = layer.Data([1, 2, 3], isAsymmetric: true);
        Value product = op.Node("DepthwiseConv2dNative", [x, Weights(op, layer)], [Windows.Strides(op), Windows.Padding(op), .. Windows.Dilations(op)]);
        op.Result(op.Activate(layer.AddBias(product)));
    }

    private static Value Weights(OperatorReader op, LayerReader layer)
    {
        var shape = layer.WeightsShape;
        int channels = op.Input(0).Tensor.Shape[3];
        if (channels <= 0 || shape[0] != 1 || shape[3] % channels != 0)
            throw op.Refusal($"its weights have {shape[3]} channels for {channels} of the data");
        int multiplier = shape[3] / channels;
        int[] target = [shape[1], shape[2], channels, multiplier];
        if (op.Input(1).Constant is not { } constant)
            return op.Node("Reshape", [op.Real(1), op.Graph.Integers(target)]);
        if (multiplier == 1 || channels == 1 || !layer.IsPerChannel)
            return layer.Constant(TensorLayout.Reshape(constant, shape[1], shape[2], channels, multiplier), multiplier == 1 ? 2 : 3);
        Value flat = layer.Constant(TensorLayout.Reshape(constant, shape[1], shape[2], 1, shape[3]), 3);
        return op.Node("Reshape", [flat, op.Graph.Integers(target)]);
    }
}
