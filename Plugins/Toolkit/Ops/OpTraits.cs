namespace TransformFramework.Toolkit.Ops;

/// <summary>Facts about an op that its signature does not tell.</summary>
[Flags]
public enum OpTraits
{
    None = 0,

    /// <summary>Makes quantized values of real ones, or computes with quantized values.</summary>
    Quantizes = 1,

    /// <summary>Requantizes by a range that is given beside its operands, as only graphs that were calibrated have it.</summary>
    RequantizesByGivenRange = 2,

    /// <summary>A product of matrices or a convolution: its time is worth preparing for.</summary>
    Multiplies = 4,

    /// <summary>Gives quantized values, then the ends of a range that it is given.</summary>
    GivesRange = 8,
}

/// <summary>The traits of the ops of TensorFlow.</summary>
public static class OpTraitTable
{
    private static readonly HashSet<string> Quantizing = new(StringComparer.Ordinal)
    {
        "FakeQuantWithMinMaxArgs", "FakeQuantWithMinMaxArgsGradient", "FakeQuantWithMinMaxVars", "FakeQuantWithMinMaxVarsGradient", "FakeQuantWithMinMaxVarsPerChannel",
        "FakeQuantWithMinMaxVarsPerChannelGradient", "QuantizeAndDequantize", "QuantizeAndDequantizeV2", "QuantizeAndDequantizeV3", "QuantizeAndDequantizeV4", "QuantizeAndDequantizeV4Grad",
        "QuantizeDownAndShrinkRange", "QuantizeV2", "QuantizedAdd", "QuantizedAvgPool", "QuantizedBatchNormWithGlobalNormalization", "QuantizedBiasAdd", "QuantizedConcat",
        "QuantizedConcatV2", "QuantizedConv2D", "QuantizedConv2DAndRelu", "QuantizedConv2DAndReluAndRequantize", "QuantizedConv2DAndRequantize", "QuantizedConv2DPerChannel",
        "QuantizedConv2DWithBias", "QuantizedConv2DWithBiasAndRelu", "QuantizedConv2DWithBiasAndReluAndRequantize", "QuantizedConv2DWithBiasAndRequantize",
        "QuantizedConv2DWithBiasSignedSumAndReluAndRequantize", "QuantizedConv2DWithBiasSumAndRelu", "QuantizedConv2DWithBiasSumAndReluAndRequantize", "QuantizedDepthwiseConv2D",
        "QuantizedDepthwiseConv2DWithBias", "QuantizedDepthwiseConv2DWithBiasAndRelu", "QuantizedDepthwiseConv2DWithBiasAndReluAndRequantize", "QuantizedInstanceNorm", "QuantizedMatMul",
        "QuantizedMatMulWithBias", "QuantizedMatMulWithBiasAndDequantize", "QuantizedMatMulWithBiasAndRelu", "QuantizedMatMulWithBiasAndReluAndRequantize",
        "QuantizedMatMulWithBiasAndRequantize", "QuantizedMaxPool", "QuantizedMul", "QuantizedRelu", "QuantizedRelu6", "QuantizedReluX", "QuantizedReshape", "QuantizedResizeBilinear",
        "RequantizationRange", "RequantizationRangePerChannel", "Requantize", "RequantizePerChannel",
    };

    private static readonly HashSet<string> RequantizingByGivenRange = new(StringComparer.Ordinal)
    {
        "QuantizedConv2DAndReluAndRequantize", "QuantizedConv2DAndRequantize", "QuantizedConv2DWithBiasAndReluAndRequantize", "QuantizedConv2DWithBiasAndRequantize",
        "QuantizedConv2DWithBiasSignedSumAndReluAndRequantize", "QuantizedConv2DWithBiasSumAndReluAndRequantize", "QuantizedDepthwiseConv2DWithBiasAndReluAndRequantize",
        "QuantizedMatMulWithBiasAndReluAndRequantize", "QuantizedMatMulWithBiasAndRequantize",
    };

    private static readonly HashSet<string> Multiplying = new(StringComparer.Ordinal)
    {
        "BatchMatMul", "BatchMatMulV2", "BatchMatMulV3", "Conv2D", "Conv2DBackpropInput", "DepthwiseConv2dNative", "FusedPadConv2D", "FusedResizeAndPadConv2D", "MatMul", "QuantizedConv2D",
        "QuantizedConv2DAndRelu", "QuantizedConv2DAndReluAndRequantize", "QuantizedConv2DAndRequantize", "QuantizedConv2DPerChannel", "QuantizedConv2DWithBias",
        "QuantizedConv2DWithBiasAndRelu", "QuantizedConv2DWithBiasAndReluAndRequantize", "QuantizedConv2DWithBiasAndRequantize", "QuantizedConv2DWithBiasSignedSumAndReluAndRequantize",
        "QuantizedConv2DWithBiasSumAndRelu", "QuantizedConv2DWithBiasSumAndReluAndRequantize", "QuantizedDepthwiseConv2D", "QuantizedDepthwiseConv2DWithBias",
        "QuantizedDepthwiseConv2DWithBiasAndRelu", "QuantizedDepthwiseConv2DWithBiasAndReluAndRequantize", "QuantizedMatMul", "QuantizedMatMulWithBias", "QuantizedMatMulWithBiasAndRelu",
        "QuantizedMatMulWithBiasAndReluAndRequantize", "SparseTensorDenseMatMul", "_FusedConv2D", "_FusedDepthwiseConv2dNative", "_FusedMatMul",
    };

    /// <summary>What is known of an op; nothing of ops that are not in the tables.</summary>
    public static OpTraits Of(string op) =>
        (Quantizing.Contains(op) ? OpTraits.Quantizes : OpTraits.None)
        | (RequantizingByGivenRange.Contains(op) ? OpTraits.RequantizesByGivenRange : OpTraits.None)
        | (Multiplying.Contains(op) ? OpTraits.Multiplies : OpTraits.None)
        | (op is "QuantizeV2" or "RequantizePerChannel" || RequantizingByGivenRange.Contains(op) ? OpTraits.GivesRange : OpTraits.None);

    /// <summary>True when an op has a trait.</summary>
    public static bool Has(string op, OpTraits trait) => (Of(op) & trait) == trait;
}
