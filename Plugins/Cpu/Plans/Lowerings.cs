using TransformFramework.Cpu.Plans.Operators.Affine;
using TransformFramework.Cpu.Plans.Operators.Alias;
using TransformFramework.Cpu.Plans.Operators.Concat;
using TransformFramework.Cpu.Plans.Operators.Conv2D;
using TransformFramework.Cpu.Plans.Operators.ConvInteger;
using TransformFramework.Cpu.Plans.Operators.DepthwiseConv2D;
using TransformFramework.Cpu.Plans.Operators.Dequantize;
using TransformFramework.Cpu.Plans.Operators.Gemm;
using TransformFramework.Cpu.Plans.Operators.Mean;
using TransformFramework.Cpu.Plans.Operators.MinMax;
using TransformFramework.Cpu.Plans.Operators.Pad;
using TransformFramework.Cpu.Plans.Operators.Pooling;
using TransformFramework.Cpu.Plans.Operators.Quantize;
using TransformFramework.Cpu.Plans.Operators.QuantizedAdd;
using TransformFramework.Cpu.Plans.Operators.QuantizedConv2D;
using TransformFramework.Cpu.Plans.Operators.QuantizedPooling;
using TransformFramework.Cpu.Plans.Operators.Requantize;
using TransformFramework.Cpu.Plans.Operators.ResizeBilinear;
using TransformFramework.Cpu.Plans.Operators.Softmax;

namespace TransformFramework.Cpu.Plans;

/// <summary>The lowering of each op that has one.</summary>
internal static class Lowerings
{
    /// <summary>The lowering of an op, or null.</summary>
    public static ILowering? Find(string op) => op switch
    {
        "Conv2D" => new Conv2DLowering(),
        "QuantizedConv2D" or "QuantizedConv2DAndRelu" or "QuantizedConv2DAndReluAndRequantize"
            or "QuantizedConv2DAndRequantize" or "QuantizedConv2DPerChannel" or "QuantizedConv2DWithBias"
            or "QuantizedConv2DWithBiasAndRelu" or "QuantizedConv2DWithBiasAndReluAndRequantize" or "QuantizedConv2DWithBiasAndRequantize"
            or "QuantizedConv2DWithBiasSumAndReluAndRequantize" or "QuantizedConv2DWithBiasSignedSumAndReluAndRequantize" or "QuantizedDepthwiseConv2D"
            or "QuantizedDepthwiseConv2DWithBias" or "QuantizedDepthwiseConv2DWithBiasAndRelu" or "QuantizedDepthwiseConv2DWithBiasAndReluAndRequantize" => new QuantizedConv2DLowering(),
        "QuantizedMatMul" => new ConvIntegerLowering(),
        "RequantizationRange" or "Requantize" => new RequantizeLowering(),
        "QuantizedAdd" => new QuantizedAddLowering(),
        "QuantizedMaxPool" or "QuantizedAvgPool" => new QuantizedPoolingLowering(),
        "QuantizedReshape" => new QuantizedReshapeLowering(),
        "QuantizeV2" => new QuantizeLowering(),
        "Dequantize" => new DequantizeLowering(),
        "Min" or "Max" => new MinMaxLowering(),
        "MatMul" => new MatMulLowering(),
        "DepthwiseConv2dNative" => new DepthwiseConv2DLowering(),
        "MaxPool" or "AvgPool" => new PoolingLowering(),
        "Mean" => new SpatialMeanLowering(),
        "Pad" => new PadLowering(),
        "Softmax" => new SoftmaxLowering(),
        "ConcatV2" or "Concat" => new ConcatLowering(),
        "ResizeBilinear" => new ResizeBilinearLowering(),
        "Identity" or "StopGradient" or "Reshape" or "Squeeze" or "ExpandDims" => new AliasLowering(),
        "BiasAdd" or "FusedBatchNorm" or "FusedBatchNormV2" or "FusedBatchNormV3" or "Relu" or "Relu6" or "Add" or "AddV2" or "Sub" or "Mul" or "Minimum" or "Maximum" => new AffineLowering(),
        _ => null,
    };
}
