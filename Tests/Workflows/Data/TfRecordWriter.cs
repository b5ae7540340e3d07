using System.Buffers.Binary;
using System.IO.Compression;
using TransformFramework.Toolkit.Checkpoints;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.Workflows.Tests.Data;

/// <summary>Writes TFRecord files of Examples.</summary>
internal static class TfRecordWriter
{
    public static void Write(string path, IEnumerable<byte[]> records, bool isPacked = false)
    {
        using FileStream file = File.Create(path);
        using Stream stream = isPacked ? new GZipStream(file, CompressionLevel.Fastest) : file;
        foreach (byte[] record in records)
        {
            byte[] length = new byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)record.Length);
            stream.Write(length);
            stream.Write(Checksum(length));
            stream.Write(record);
            stream.Write(Checksum(record));
        }
    }

    /// <summary>An Example of features by name: float[], long[] or byte[].</summary>
    public static byte[] Example(params (string Name, object Value)[] features) =>
        Field(1, [.. features.SelectMany(feature => Field(1, [.. Field(1, System.Text.Encoding.UTF8.GetBytes(feature.Name)), .. Field(2, Feature(feature.Value))]))]);

    private static byte[] Feature(object value) => value switch
    {
        byte[] bytes => Field(1, Field(1, bytes)),
        float[] floats => Field(2, Field(1, [.. floats.SelectMany(BitConverter.GetBytes)])),
        long[] integers => Field(3, Field(1, [.. integers.SelectMany(number => Varint((ulong)number))])),
        _ => throw new ArgumentException("no feature", nameof(value)),
    };

    private static byte[] Field(int number, byte[] content) => [(byte)((number << 3) | (int)WireType.Bytes), .. Varint((ulong)content.Length), .. content];

    private static IEnumerable<byte> Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            yield return (byte)(value | 0x80);
        yield return (byte)value;
    }

    private static byte[] Checksum(byte[] bytes) => BitConverter.GetBytes(Crc32C.Mask(Crc32C.Compute(bytes)));
}
