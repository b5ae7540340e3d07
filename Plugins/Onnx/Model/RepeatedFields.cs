using System.Runtime.InteropServices;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.Onnx.Model;

/// <summary>Repeated numbers of a message, packed or one by one.</summary>
internal static class RepeatedFields
{
    public static void Integers(ref WireReader reader, List<long> values)
    {
        if (reader.Type == WireType.Varint)
        {
            values.Add((long)reader.Varint());
            return;
        }
        if (reader.Type != WireType.Bytes)
            throw OnnxDiagnostics.Broken($"the field {reader.Field} at byte {reader.FieldOffset} must hold integers");
        WireReader packed = reader.Message();
        while (packed.Remaining > 0)
            values.Add((long)packed.Varint());
    }

    public static void Floats(ref WireReader reader, List<float> values)
    {
        if (reader.Type == WireType.Fixed32)
            values.Add(BitConverter.UInt32BitsToSingle(reader.Fixed32()));
        else
            values.AddRange(MemoryMarshal.Cast<byte, float>(Packed(ref reader, sizeof(float)).Span));
    }

    public static void Doubles(ref WireReader reader, List<double> values)
    {
        if (reader.Type == WireType.Fixed64)
            values.Add(BitConverter.UInt64BitsToDouble(reader.Fixed64()));
        else
            values.AddRange(MemoryMarshal.Cast<byte, double>(Packed(ref reader, sizeof(double)).Span));
    }

    private static ReadOnlyMemory<byte> Packed(ref WireReader reader, int size)
    {
        if (reader.Type != WireType.Bytes)
            throw OnnxDiagnostics.Broken($"the field {reader.Field} at byte {reader.FieldOffset} must hold real numbers");
        ReadOnlyMemory<byte> bytes = reader.Bytes();
        return bytes.Length % size == 0 ? bytes : throw OnnxDiagnostics.Broken($"the field {reader.Field} at byte {reader.FieldOffset} holds {bytes.Length} bytes, not a multiple of {size}");
    }
}
