using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Writing;

namespace TransformFramework.TfLite.Operators;

/// <summary>
/// Convolutions over images.
/// <code>
/// CONV_2D(x: NHWC, w: OHWI, b) {stride, dilation, padding, activation}   ↔   Conv2D(x, w: HWIO);  BiasAdd(b);  Relu | Relu6
/// </code>
/// Weights with fewer input channels than the data convolve in groups.
/// </summary>
[OperatorConverter("CONV_2D", Nodes = ["Conv2D", "BiasAdd", "BiasAddV1", "_FusedConv2D"])]
internal sealed class Conv2D : OperatorConverter
{
    public override void Read(OperatorReader op)
    {
        var layer = new LayerReader(op, 0, 1, 2);
        if (op.Rank(0) != 4 || layer.WeightsShape.Length != 4)
            throw op.Refusal("data and weights must have four dimensions");
        bool isGrouped = op.Input(0).Tensor.Shape[3] != layer.WeightsShape[3];
        if (!isGrouped && StaticLayer.Of(op, layer, isDepthwise: false) is { } fused)
        {
            op.Output().DefineQuantized(fused.Convolve("QuantizedConv2D", TensorLayout.Transpose(layer.Elements!, 1, 2, 3, 0), op.Options.Int("padding") == 0, [Windows.Strides(op), .. Windows.Dilations(op)]));
            return;
        }
        Value x = layer.Data([1, 2, 3], layer.IsPerChannel);
        Value product = op.Node("Conv2D", [x, layer.Ordered(1, 2, 3, 0)], [Windows.Strides(op), Windows.Padding(op), .. Windows.Dilations(op)]);
        op.Result(op.Activate(layer.AddBias(product)));
    }

    public override void Write(NodeWriter node)
    {
        TensorDraft x = node.In(0);
        if (node.Node.Op.StartsWith("BiasAdd", StringComparison.Ordinal))
        {
            bool isFirst = node.Node.TryString("data_format", out string? format) && format != "NHWC" && x.Rank > 2;
            node.Out(Binary.Broadcasting(node, "ADD", x, isFirst ? BeforeImages(node, x.Rank - 2) : node.In(1), x.Type));
            return;
        }
        var options = Windows.Padded(node, ref x);
        TensorDraft w = WeightsWriter.Of(node, 1).Transposed(3, 0, 1, 2);
        TensorDraft product = node.Emit("CONV_2D", [x, w], [.. options, .. Windows.DilationOptions(node)]);
        node.Out(node.Node.Op == "Conv2D" ? product : FusedPostOps.Add(node, product));
    }

    /// <summary>The bias of channels that come before some dimensions of an image.</summary>
    private static TensorDraft BeforeImages(NodeWriter node, int dimensions)
    {
        Tensor bias = node.Required(1);
        return node.Constant(TensorLayout.Reshape(bias, [bias.ElementCount, .. Enumerable.Repeat(1L, dimensions)]));
    }
}
