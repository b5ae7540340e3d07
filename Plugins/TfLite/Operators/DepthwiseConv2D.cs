using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Writing;

namespace TransformFramework.TfLite.Operators;

/// <summary>
/// Convolutions of each channel by itself.
/// <code>
/// DEPTHWISE_CONV_2D(x: NHWC, w: 1,H,W,C·M, b) {stride, dilation, padding, activation}   ↔   DepthwiseConv2dNative(x, w: H,W,C,M);  BiasAdd(b);  Relu | Relu6
/// </code>
/// </summary>
[OperatorConverter("DEPTHWISE_CONV_2D", Nodes = ["DepthwiseConv2dNative", "_FusedDepthwiseConv2dNative"])]
internal sealed class DepthwiseConv2D : OperatorConverter
{
    public override void Read(OperatorReader op)
    {
        var layer = new LayerReader(op, 0, 1, 2);
        if (op.Rank(0) != 4 || layer.WeightsShape.Length != 4)
            throw op.Refusal("data and weights must have four dimensions");
        var sizes = layer.WeightsShape;
        int channels = op.Input(0).Tensor.Shape[3];
        if (channels > 0 && sizes[3] % channels == 0 && !Windows.Dilations(op).Any() && StaticLayer.Of(op, layer, isDepthwise: true) is { } fused)
        {
            Tensor filter = TensorLayout.Reshape(layer.Elements!, sizes[1], sizes[2], channels, sizes[3] / channels);
            op.Output().DefineQuantized(fused.Convolve("QuantizedDepthwiseConv2D", filter, op.Options.Int("padding") == 0, [Windows.Strides(op)]));
            return;
        }
        Value x = layer.Data([1, 2, 3], isAsymmetric: true);
        Value w = Weights(op, layer);
        bool isDilated = Windows.Dilations(op).Any();
        Value product = isDilated ? Dilated(op, x, w) : op.Node("DepthwiseConv2dNative", [x, w], Windows.Strides(op), Windows.Padding(op));
        op.Result(op.Activate(layer.AddBias(product)));
    }

    /// <summary>Depthwise ops ignore dilations; images are dealt into batches instead.</summary>
    private static Value Dilated(OperatorReader op, Value x, Value w)
    {
        if (Windows.Size(op, "stride_h") != 1 || Windows.Size(op, "stride_w") != 1)
            throw op.Refusal("dilations together with strides have no counterpart");
        var (top, bottom, cropHeight) = Split(op, 1, "dilation_h");
        var (left, right, cropWidth) = Split(op, 2, "dilation_w");
        Value blocks = op.Graph.Integers(op.Options.Int("dilation_h"), op.Options.Int("dilation_w"));
        Value dealt = op.Node("SpaceToBatchND", [x, blocks, Pairs(op, top, bottom, left, right)]);
        Value product = op.Node("DepthwiseConv2dNative", [dealt, w], ("strides", AttributeValue.Ints(1, 1, 1, 1)), ("padding", "VALID"));
        return op.Node("BatchToSpaceND", [product, blocks, Pairs(op, 0, cropHeight, 0, cropWidth)]);
    }

    /// <summary>Padding before and after one dimension, so that blocks come out even, and what is too much of the result.</summary>
    private static (int Before, int After, int Crop) Split(OperatorReader op, int axis, string option)
    {
        int dilation = Windows.Size(op, option);
        int size = op.Input(0).Tensor.Shape[axis];
        int reach = (op.Input(1).Tensor.Shape[axis] - 1) * dilation;
        int padding = op.Options.Int("padding") == 0 ? reach : 0;
        int crop = (dilation - ((size + padding) % dilation)) % dilation;
        return (padding / 2, padding - (padding / 2) + crop, crop);
    }

    private static Value Pairs(OperatorReader op, params ReadOnlySpan<int> values) => op.Graph.Constant(Tensor.Create(DataType.Int32, TensorShape.Of(2, 2), values));

    private static Value Weights(OperatorReader op, LayerReader layer)
    {
        var shape = layer.WeightsShape;
        int channels = op.Input(0).Tensor.Shape[3];
        if (channels <= 0 || shape[0] != 1 || shape[3] % channels != 0)
            throw op.Refusal($"its weights have {shape[3]} channels for {channels} of the data");
        int multiplier = shape[3] / channels;
        int[] target = [shape[1], shape[2], channels, multiplier];
        if (layer.Elements is not { } constant)
            return op.Node("Reshape", [op.Real(1), op.Graph.Integers(target)]);
        if (multiplier == 1 || channels == 1 || !layer.IsPerChannel)
            return layer.Constant(TensorLayout.Reshape(constant, shape[1], shape[2], channels, multiplier), multiplier == 1 ? 2 : 3);
        Value flat = layer.Constant(TensorLayout.Reshape(constant, shape[1], shape[2], 1, shape[3]), 3);
        return op.Node("Reshape", [flat, op.Graph.Integers(target)]);
    }

    public override void Write(NodeWriter node)
    {
        TensorDraft w = WeightsWriter.Of(node, 1).Depthwise(out int multiplier);
        TensorDraft x = node.In(0);
        var options = Windows.Padded(node, ref x);
        TensorDraft product = node.Emit("DEPTHWISE_CONV_2D", [x, w], [.. options, ("depth_multiplier", multiplier)]);
        node.Out(node.Node.Op == "DepthwiseConv2dNative" ? product : FusedPostOps.Add(node, product));
    }
}
