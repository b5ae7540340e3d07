using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Reading;

namespace TransformFramework.Onnx.Operators;

/// <summary>A scale and zero point that TensorFlow's quantized types hold as they are: 0 of integers of 8 and of 16 bits.</summary>
/// <param name="Type">The quantized type.</param>
/// <param name="Low">Lower end of the range.</param>
/// <param name="High">Upper end of the range.</param>
internal sealed record SymmetricRange(DataType Type, float Low, float High)
{
    private const float LeastPlainRange = 0.01f;

    /// <summary>Attributes that QuantizeV2 needs for the range.</summary>
    public IEnumerable<(string, AttributeValue)> Attributes => High < LeastPlainRange ? [("ensure_minimum_range", 0f)] : [];

    /// <summary>The range of a node's inputs 1 (scale) and 2 (zero point), where they are constants of one element.</summary>
    public static SymmetricRange? TryFind(NodeReader node, DataType type)
    {
        bool fits = node.TypeOf(node.Op == "QuantizeLinear" ? 0 : 1) == DataType.Float && node.Constant(1) is { Type: DataType.Float, ElementCount: 1 };
        bool isZero = !node.Has(2) || (node.Constant(2) is { ElementCount: 1 } zero && Tensors.ToLongs(zero)[0] == 0);
        if (!fits || !isZero)
            return null;
        float scale = node.Constant(1)!.AsSpan<float>()[0];
        if (!float.IsNormal(scale) || scale <= 0 || scale > float.MaxValue / 65536)
            return null;
        return type switch
        {
            DataType.UInt8 => new(DataType.QUInt8, 0, 255 * scale),
            DataType.Int8 => new(DataType.QInt8, -128 * scale, 127 * scale),
            DataType.UInt16 => new(DataType.QUInt16, 0, 65535 * scale),
            DataType.Int16 => new(DataType.QInt16, -32768 * scale, 32767 * scale),
            _ => null,
        };
    }
}
