using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;

namespace TransformFramework.Onnx.Writing;

/// <summary>Scale and zero point of quantized values: real values are (q - zero point) · scale.</summary>
/// <param name="Type">Integers that hold the values.</param>
/// <param name="Scales">One scale, or one for each channel.</param>
/// <param name="ZeroPoint">The value of 0.</param>
internal sealed record QuantizationRange(DataType Type, float[] Scales, long ZeroPoint)
{
    private const float UnsignedLevels = 255;
    private const float SignedLevels = 127;
    private const float LowestSigned = -128;
    private const float WideUnsignedLevels = 65535;
    private const float WideSignedLevels = 32767;
    private const float WideLowestSigned = -32768;

    /// <summary>The domain of conversions: 16 bits are ONNX's own from opset 21 on, and ONNX Runtime's before.</summary>
    public string DomainFor(int opset) => Type is DataType.Int16 or DataType.UInt16 && opset < Model.Opsets.FirstOfWideQuantization ? Model.Opsets.MicrosoftDomain : "";

    /// <summary>The range of QuantizeV2, which is widened to hold zero and to a least width.</summary>
    public static QuantizationRange OfQuantize(NodeWriter node)
    {
        DataType type = node.Type("T");
        float least = Number(node, 1);
        float most = Number(node, 2);
        least = Math.Min(0, least);
        float width = node.Real("ensure_minimum_range", 0.01f) * Math.Max(1, Math.Max(-least, Math.Abs(most)));
        most = Math.Max(0, Math.Max(most, least + width));
        return Of(node, type, least, most);
    }

    /// <summary>The range of Dequantize.</summary>
    public static QuantizationRange OfDequantize(NodeWriter node)
    {
        DataType type = node.Type("T");
        if (node.Integer("axis", -1) < 0)
            return Of(node, type, Number(node, 1), Number(node, 2));
        float[] lows = Numbers(node, 1);
        float[] highs = Numbers(node, 2);
        return new(Plain(type), [.. lows.Zip(highs, (low, high) => Of(node, type, low, high).Scales[0])], 0);
    }

    /// <summary>The range of Dequantize, or null when it has no scale or no whole zero point.</summary>
    public static QuantizationRange? TryOfDequantize(NodeWriter node)
    {
        try
        {
            return OfDequantize(node);
        }
        catch (ModelFiles.ModelFormatException)
        {
            return null;
        }
    }

    /// <summary>The range of a fused op of oneDNN builds, for which the larger end counts.</summary>
    public static QuantizationRange OfFused(NodeWriter node, int slot, DataType type)
    {
        float levels = type == DataType.QUInt8 ? UnsignedLevels : SignedLevels;
        return new(Plain(type), [.. Magnitudes(node, slot).Select(end => Checked(end / levels))], 0);
    }

    /// <summary>The larger end of each range of a fused op.</summary>
    public static float[] Magnitudes(NodeWriter node, int slot)
    {
        float[] lows = Numbers(node, slot);
        float[] highs = Numbers(node, slot + 1);
        if (lows.Length != highs.Length)
            throw OnnxDiagnostics.Decline($"inputs {slot} and {slot + 1} must have the same length");
        return [.. lows.Zip(highs, (low, high) => Math.Max(Math.Abs(low), Math.Abs(high)))];
    }

    private static QuantizationRange Of(NodeWriter node, DataType type, float low, float high)
    {
        string mode = node.Text("mode", "MIN_COMBINED");
        if (mode == "SCALED" && type is DataType.QUInt8 or DataType.QInt8 or DataType.QUInt16 or DataType.QInt16)
            return new(Plain(type), [Checked(Scale(type, low, high, node.Flag("narrow_range")))], 0);
        if (type is not (DataType.QUInt8 or DataType.QInt8))
            throw OnnxDiagnostics.Decline($"quantized values of type {type.Name()} in mode {mode}; quint8 and qint8 are written, in mode SCALED quint16 and qint16 too");
        float step = Checked((high - low) / UnsignedLevels);
        long least = type == DataType.QInt8 ? -128 : 0;
        bool isMoved = mode == "MIN_FIRST";
        double zero = least - (isMoved ? MathF.Round(low / step, MidpointRounding.AwayFromZero) : Math.Round(low / (double)step));
        bool isWhole = isMoved || Math.Abs(zero + (low / (double)step) - least) < 1e-6;
        return isWhole && zero >= least && zero <= least + 255
            ? new(Plain(type), [step], (long)zero)
            : throw OnnxDiagnostics.Decline($"mode {mode} with the range [{low}, {high}], which has no whole zero point");
    }

    private static float Scale(DataType type, float low, float high, bool isNarrow) => type switch
    {
        DataType.QUInt8 => high / UnsignedLevels,
        DataType.QUInt16 => high / WideUnsignedLevels,
        DataType.QInt8 => Math.Max(low / (isNarrow ? -SignedLevels : LowestSigned), high / SignedLevels),
        _ => Math.Max(low / (isNarrow ? -WideSignedLevels : WideLowestSigned), high / WideSignedLevels),
    };

    /// <summary>Constants of scale and zero point.</summary>
    public Operand[] Parameters(NodeWriter node)
    {
        TensorShape shape = Scales.Length == 1 ? TensorShape.Scalar : TensorShape.Of(Scales.Length);
        long[] zeros = [.. Enumerable.Repeat(ZeroPoint, Scales.Length)];
        return [node.Const(Tensor.Create<float>(DataType.Float, shape, Scales)), node.Const(Tensors.Integers(Type, shape, zeros))];
    }

    public static DataType Plain(DataType type) => Model.ElementTypes.ToDataType(Model.ElementTypes.Of(type));

    private static float Number(NodeWriter node, int slot) => Numbers(node, slot) is [var number, ..] ? number : throw OnnxDiagnostics.Decline($"input {slot} must hold a number");

    private static float[] Numbers(NodeWriter node, int slot) =>
        node.RequireConstant(slot) is { Type: DataType.Float } constant ? constant.AsSpan<float>().ToArray() : throw OnnxDiagnostics.Decline($"input {slot} must hold floats");

    private static float Checked(float scale) => float.IsNormal(scale) && scale > 0 ? scale : throw OnnxDiagnostics.Decline($"its range gives the scale {scale}");
}
