using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite.Reading;

/// <summary>
/// Nodes between int8 or uint8 elements, quint8 values and real values. A range from zero on is that of static graphs (mode SCALED); others are MIN_FIRST, whose arithmetic is the format's:
/// real = scale × (value − zero).
/// </summary>
internal static class Quantization8
{
    /// <summary>Attribute of casts to and from quint8 at the ends of a graph: the difference between neighbouring values. TensorFlow does not look at names that begin with an underscore.</summary>
    public const string ScaleAttribute = "_quantization_scale";

    /// <summary>Attribute beside <see cref="ScaleAttribute"/>: the quint8 value of zero.</summary>
    public const string ZeroAttribute = "_quantization_zero";

    private const byte SignBit = 0x80;

    /// <summary>quint8 values of real ones.</summary>
    public static Value Quantize(GraphDraft graph, QuantizedRange range, Value real)
    {
        List<(string, AttributeValue)> attributes = [("T", DataType.QUInt8), .. Mode(range)];
        if (range.Zero == 0)
            attributes.Add(("round_mode", "HALF_TO_EVEN"));
        if (range.Max - range.Min < 0.01f)
            attributes.Add(("ensure_minimum_range", 0f));
        return new(graph.Add("QuantizeV2", [real, graph.Constant(range.Min), graph.Constant(range.Max)], attributes));
    }

    /// <summary>Real values of quint8 ones.</summary>
    public static Value Dequantize(GraphDraft graph, QuantizedRange range, Value quantized) =>
        new(graph.Add("Dequantize", [quantized, graph.Constant(range.Min), graph.Constant(range.Max)], Mode(range)));

    /// <summary>quint8 values of int8 or uint8 elements.</summary>
    public static Value FromStored(GraphDraft graph, Value stored, QuantizedRange range)
    {
        Value bits = stored.Type == DataType.UInt8 ? stored : Flip(graph, stored);
        return Bitcast(graph, bits, DataType.QUInt8, (ScaleAttribute, range.Scale), (ZeroAttribute, range.Zero));
    }

    /// <summary>int8 or uint8 elements of quint8 values.</summary>
    public static Value ToStored(GraphDraft graph, Value quantized, TensorType type, QuantizedRange range)
    {
        Value bits = Bitcast(graph, quantized, DataType.UInt8, (ScaleAttribute, range.Scale), (ZeroAttribute, range.Zero));
        return type == TensorType.UInt8 ? bits : Bitcast(graph, Xor(graph, bits), DataType.Int8);
    }

    /// <summary>quint8 values of a constant of int8 or uint8.</summary>
    public static Tensor ToUnsigned(Tensor constant)
    {
        byte[] bytes = constant.Bytes.ToArray();
        if (constant.Type == DataType.Int8)
        {
            for (int i = 0; i < bytes.Length; i++)
                bytes[i] ^= SignBit;
        }
        return Tensor.FromContent(DataType.QUInt8, constant.Shape, bytes);
    }

    private static ImmutableArray<(string, AttributeValue)> Mode(QuantizedRange range) => [("mode", range.Zero == 0 ? "SCALED" : "MIN_FIRST")];

    private static Value Flip(GraphDraft graph, Value signed) => Xor(graph, Bitcast(graph, signed, DataType.UInt8));

    private static Value Xor(GraphDraft graph, Value bits) => new(graph.Add("BitwiseXor", [bits, graph.Constant(Tensor.Create<byte>(DataType.UInt8, TensorShape.Scalar, [SignBit]))]));

    private static Value Bitcast(GraphDraft graph, Value value, DataType type, params IEnumerable<(string, AttributeValue)> attributes) => new(graph.Add("Bitcast", [value], [("type", type), .. attributes]));
}
