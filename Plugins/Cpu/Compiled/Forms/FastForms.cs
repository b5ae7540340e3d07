using System.Collections.Frozen;

namespace TransformFramework.Cpu.Compiled.Forms;

/// <summary>The fast form of each op that has one.</summary>
internal static class FastForms
{
    private static readonly FrozenDictionary<string, IFastForm> Forms = new Dictionary<string, IFastForm>(StringComparer.Ordinal)
    {
        ["Conv2D"] = new ConvolutionForm(),
        ["QuantizedConv2D"] = new FusedProductForm(),
        ["QuantizedMatMul"] = new CodeProductForm(),
        ["RequantizationRange"] = new RequantizeForm(),
        ["Requantize"] = new RequantizeForm(),
        ["QuantizedConv2DAndRelu"] = new FusedProductForm(),
        ["QuantizedConv2DAndReluAndRequantize"] = new FusedProductForm(),
        ["QuantizedConv2DAndRequantize"] = new FusedProductForm(),
        ["QuantizedConv2DPerChannel"] = new FusedProductForm(),
        ["QuantizedConv2DWithBias"] = new FusedProductForm(),
        ["QuantizedConv2DWithBiasAndRelu"] = new FusedProductForm(),
        ["QuantizedConv2DWithBiasAndReluAndRequantize"] = new FusedProductForm(),
        ["QuantizedConv2DWithBiasAndRequantize"] = new FusedProductForm(),
        ["QuantizedConv2DWithBiasSumAndReluAndRequantize"] = new FusedProductForm(),
        ["QuantizedConv2DWithBiasSignedSumAndReluAndRequantize"] = new FusedProductForm(),
        ["QuantizedDepthwiseConv2D"] = new FusedProductForm(),
        ["QuantizedDepthwiseConv2DWithBias"] = new FusedProductForm(),
        ["QuantizedDepthwiseConv2DWithBiasAndRelu"] = new FusedProductForm(),
        ["QuantizedDepthwiseConv2DWithBiasAndReluAndRequantize"] = new FusedProductForm(),
        ["QuantizedAdd"] = new QuantizedAddForm(),
        ["QuantizedMaxPool"] = new QuantizedPoolingForm(),
        ["QuantizedAvgPool"] = new QuantizedPoolingForm(),
        ["QuantizedReshape"] = new QuantizedReshapeForm(),
        ["QuantizeV2"] = new QuantizeForm(),
        ["Dequantize"] = new DequantizeForm(),
        ["Min"] = new ExtremeForm(),
        ["Max"] = new ExtremeForm(),
        ["MatMul"] = new MatMulForm(),
        ["DepthwiseConv2dNative"] = new DepthwiseForm(),
        ["MaxPool"] = new PoolingForm(),
        ["AvgPool"] = new PoolingForm(),
        ["Mean"] = new SpatialMeanForm(),
        ["Pad"] = new PadForm(),
        ["Softmax"] = new SoftmaxForm(),
        ["ConcatV2"] = new ConcatForm(),
        ["Concat"] = new ConcatForm(),
        ["ResizeBilinear"] = new ResizeBilinearForm(),
        ["Identity"] = new AliasForm(),
        ["StopGradient"] = new AliasForm(),
        ["Reshape"] = new AliasForm(),
        ["Squeeze"] = new AliasForm(),
        ["ExpandDims"] = new AliasForm(),
        ["BiasAdd"] = new PointwiseForm(),
        ["FusedBatchNorm"] = new PointwiseForm(),
        ["FusedBatchNormV2"] = new PointwiseForm(),
        ["FusedBatchNormV3"] = new PointwiseForm(),
        ["Relu"] = new PointwiseForm(),
        ["Relu6"] = new PointwiseForm(),
        ["Add"] = new PointwiseForm(),
        ["AddV2"] = new PointwiseForm(),
        ["Sub"] = new PointwiseForm(),
        ["Mul"] = new PointwiseForm(),
        ["Minimum"] = new PointwiseForm(),
        ["Maximum"] = new PointwiseForm(),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static IFastForm? Find(string op) => Forms.GetValueOrDefault(op);
}
