using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;

namespace TransformFramework.Cpu.Kernels.Quantized.Gemm;

/// <summary>How a fused convolution of oneDNN builds goes from accumulators to 8-bit values: quantized value = clamp(round(sum · scale[channel] + residual · factor)), each step in float, ties to even.</summary>
/// <param name="Scales">Quantized values of the result in one of a sum, a channel.</param>
/// <param name="ResidualScale">Quantized values of the result in one of the residual; 0 without one.</param>
/// <param name="Lowest">The lowest quantized value.</param>
/// <param name="Highest">The highest quantized value.</param>
internal sealed record FusedRequantization(float[] Scales, float ResidualScale, float Lowest, float Highest)
{
    private const float UnsignedLevels = 255;
    private const float SignedLevels = 127;

    /// <summary>The requantization of a node by its ranges.</summary>
    /// <param name="node">The node.</param>
    /// <param name="inputs">Its inputs; of the data only the types count.</param>
    /// <param name="columns">Channels of the result.</param>
    public static FusedRequantization Of(Node node, IReadOnlyList<Tensor> inputs, int columns)
    {
        var parts = FusedOpName.Of(node.Op);
        QuantizedTypes.Require(node, "out_type", DataType.QUInt8, DataType.QInt8);
        DataType type = node.Type("out_type");
        bool isUnsigned = type == DataType.QUInt8;
        float highest = Levels(type);
        float inputEnd = QuantizationRange.Read(inputs, parts.Ranges).Flushed.Magnitude;
        float resultEnd = QuantizationRange.Read(inputs, parts.ResultRange).Flushed.Magnitude;
        float divisor = Levels(inputs[0].Type) * SignedLevels * resultEnd;
        float[] scales = ChannelRanges.Magnitudes(inputs, parts.Ranges + 2, columns).Map(end => highest * inputEnd * end / divisor);
        float factor = parts.HasSum ? ResidualScaleOf(QuantizationRange.Read(inputs, parts.Residual + 1).Flushed.Magnitude, resultEnd, inputs[parts.Residual].Type, highest) : 0;
        return new(scales, factor, isUnsigned || parts.HasRelu ? 0 : sbyte.MinValue, parts.IsSumSigned ? SignedLevels : highest);
    }

    private static float ResidualScaleOf(float residualEnd, float resultEnd, DataType type, float highest) =>
        Levels(type) == highest ? residualEnd / resultEnd : residualEnd / Levels(type) / (resultEnd / highest);

    /// <summary>Quantized values of a sum in one, a channel.</summary>
    public static float[] QuantizedPerUnit(FusedOpName parts, IReadOnlyList<Tensor> inputs, int columns)
    {
        float inputEnd = QuantizationRange.Read(inputs, parts.Ranges).Flushed.Magnitude;
        return ChannelRanges.Magnitudes(inputs, parts.Ranges + 2, columns).Map(end => Levels(inputs[0].Type) * SignedLevels / (inputEnd * end));
    }

    /// <summary>Quantized values from zero to the end of a range.</summary>
    public static float Levels(DataType type) => type == DataType.QUInt8 ? UnsignedLevels : SignedLevels;
}
