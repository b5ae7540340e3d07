namespace TransformFramework.Cpu.Compiled.Forms;

/// <summary>The fast form of each op that has one.</summary>
internal static class FastForms
{
    /// <summary>The form of an op, or null.</summary>
    public static IFastForm? Find(string op) => op switch
    {
        "Conv2D" => new ConvolutionForm(),
        "QuantizedConv2D" or "QuantizedConv2DAndRelu" or "QuantizedConv2DAndReluAndRequantize"
            or "QuantizedConv2DAndRequantize" or "QuantizedConv2DPerChannel" or "QuantizedConv2DWithBias"
            or "QuantizedConv2DWithBiasAndRelu" or "QuantizedConv2DWithBiasAndReluAndRequantize" or "QuantizedConv2DWithBiasAndRequantize"
            or "QuantizedConv2DWithBiasSumAndReluAndRequantize" or "QuantizedConv2DWithBiasSignedSumAndReluAndRequantize" or "QuantizedDepthwiseConv2D"
            or "QuantizedDepthwiseConv2DWithBias" or "QuantizedDepthwiseConv2DWithBiasAndRelu" or "QuantizedDepthwiseConv2DWithBiasAndReluAndRequantize" => new FusedProductForm(),
        "QuantizedMatMul" => new CodeProductForm(),
        "RequantizationRange" or "Requantize" => new RequantizeForm(),
        "QuantizedAdd" => new QuantizedAddForm(),
        "QuantizedMaxPool" or "QuantizedAvgPool" => new QuantizedPoolingForm(),
        "QuantizedReshape" => new QuantizedReshapeForm(),
        "QuantizeV2" => new QuantizeForm(),
        "Dequantize" => new DequantizeForm(),
        "Min" or "Max" => new ExtremeForm(),
        "MatMul" => new MatMulForm(),
        "DepthwiseConv2dNative" => new DepthwiseForm(),
        "MaxPool" or "AvgPool" => new PoolingForm(),
        "Mean" => new SpatialMeanForm(),
        "Pad" => new PadForm(),
        "Softmax" => new SoftmaxForm(),
        "ConcatV2" or "Concat" => new ConcatForm(),
        "ResizeBilinear" => new ResizeBilinearForm(),
        "Identity" or "StopGradient" or "Reshape" or "Squeeze" or "ExpandDims" => new AliasForm(),
        "BiasAdd" or "FusedBatchNorm" or "FusedBatchNormV2" or "FusedBatchNormV3" or "Relu" or "Relu6" or "Add" or "AddV2" or "Sub" or "Mul" or "Minimum" or "Maximum" => new PointwiseForm(),
        _ => null,
    };
}
