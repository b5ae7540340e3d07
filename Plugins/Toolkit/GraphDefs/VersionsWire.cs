using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.Toolkit.GraphDefs;

/// <summary>TensorFlow's <c>VersionDef</c>.</summary>
public static class VersionsWire
{
    public static GraphVersions Read(WireReader reader)
    {
        int producer = 0;
        int minConsumer = 0;
        var bad = ImmutableArray.CreateBuilder<int>();
        var unknown = new FieldCollector();
        while (reader.Next())
        {
            switch (reader.Field, reader.Type)
            {
                case (1, WireType.Varint):
                    producer = (int)reader.Varint();
                    break;
                case (2, WireType.Varint):
                    minConsumer = (int)reader.Varint();
                    break;
                case (3, WireType.Varint):
                    bad.Add((int)reader.Varint());
                    break;
                case (3, WireType.Bytes):
                    WireReader packed = reader.Message();
                    while (packed.Remaining > 0)
                        bad.Add((int)packed.Varint());
                    break;
                default:
                    unknown.Add(reader.Skip());
                    break;
            }
        }
        return new(producer, minConsumer, bad.DrainToImmutable()) { UnknownFields = unknown.UnknownFields };
    }

    public static long Size(GraphVersions versions)
    {
        long size = WireSize.Scalar(1, versions.Producer) + WireSize.Scalar(2, versions.MinConsumer) + versions.UnknownFields.Bytes.Length;
        return versions.BadConsumers.IsEmpty ? size : size + WireSize.Delimited(3, PackedSize(versions));
    }

    public static void Write(GraphVersions versions, WireWriter writer)
    {
        writer.Scalar(1, versions.Producer);
        writer.Scalar(2, versions.MinConsumer);
        if (!versions.BadConsumers.IsEmpty)
            writer.Delimiter(3, PackedSize(versions));
        foreach (int consumer in versions.BadConsumers)
            writer.Varint((ulong)consumer);
        writer.Raw(versions.UnknownFields.Bytes);
    }

    private static long PackedSize(GraphVersions versions) => versions.BadConsumers.Sum(consumer => (long)WireSize.Varint((ulong)consumer));
}
