using System.Buffers.Binary;
using System.Runtime.InteropServices;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.Workflows.Data;

/// <summary>Parses the message <c>tf.Example</c> (tensorflow/core/example/example.proto): vectors of strings, float or int64 by name.</summary>
internal static class ExampleFeatures
{
    private const int Features = 1;
    private const int Feature = 1;
    private const int Key = 1;
    private const int Value = 2;
    private const int BytesList = 1;
    private const int FloatList = 2;
    private const int Int64List = 3;
    private const int Elements = 1;

    /// <summary>The features by name; those without a value are left out.</summary>
    /// <exception cref="ModelFormatException">The bytes are no such message.</exception>
    public static Dictionary<string, Tensor> Parse(ReadOnlyMemory<byte> example)
    {
        var features = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var reader = new WireReader(example);
        while (reader.Next())
        {
            if (reader is { Field: Features, Type: WireType.Bytes })
                ReadFeatures(reader.Message(), features);
            else
                reader.Skip();
        }
        return features;
    }

    private static void ReadFeatures(WireReader reader, Dictionary<string, Tensor> features)
    {
        while (reader.Next())
        {
            if (reader is { Field: Feature, Type: WireType.Bytes })
                ReadEntry(reader.Message(), features);
            else
                reader.Skip();
        }
    }

    private static void ReadEntry(WireReader reader, Dictionary<string, Tensor> features)
    {
        string key = "";
        Tensor? value = null;
        while (reader.Next())
        {
            if (reader is { Field: Key, Type: WireType.Bytes })
                key = reader.String();
            else if (reader is { Field: Value, Type: WireType.Bytes })
                value = ReadFeature(reader.Message());
            else
                reader.Skip();
        }
        if (value is not null)
            features[key] = value;
    }

    private static Tensor? ReadFeature(WireReader reader)
    {
        Tensor? value = null;
        while (reader.Next())
        {
            if (reader is { Field: BytesList or FloatList or Int64List, Type: WireType.Bytes })
                value = ReadList(reader.Field, reader.Message());
            else
                reader.Skip();
        }
        return value;
    }

    private static Tensor ReadList(int kind, WireReader reader)
    {
        var strings = new List<ReadOnlyMemory<byte>>();
        var floats = new List<float>();
        var integers = new List<long>();
        while (reader.Next())
        {
            switch (kind, reader.Field, reader.Type)
            {
                case (BytesList, Elements, WireType.Bytes):
                    strings.Add(reader.Bytes());
                    break;
                case (FloatList, Elements, WireType.Fixed32):
                    floats.Add(BitConverter.UInt32BitsToSingle(reader.Fixed32()));
                    break;
                case (FloatList, Elements, WireType.Bytes):
                    AddPacked(floats, reader.Bytes().Span);
                    break;
                case (Int64List, Elements, WireType.Varint):
                    integers.Add((long)reader.Varint());
                    break;
                case (Int64List, Elements, WireType.Bytes):
                    for (WireReader packed = reader.Message(); packed.Remaining > 0;)
                        integers.Add((long)packed.Varint());
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        return kind switch
        {
            BytesList => Tensor.FromStrings(TensorShape.Of(strings.Count), [.. strings]),
            FloatList => Tensor.Create<float>(DataType.Float, TensorShape.Of(floats.Count), CollectionsMarshal.AsSpan(floats)),
            _ => Tensor.Create<long>(DataType.Int64, TensorShape.Of(integers.Count), CollectionsMarshal.AsSpan(integers)),
        };
    }

    private static void AddPacked(List<float> floats, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length % sizeof(float) != 0)
            throw new ModelFormatException($"a list of floats of {bytes.Length} bytes");
        for (int at = 0; at < bytes.Length; at += sizeof(float))
            floats.Add(BinaryPrimitives.ReadSingleLittleEndian(bytes[at..]));
    }
}
