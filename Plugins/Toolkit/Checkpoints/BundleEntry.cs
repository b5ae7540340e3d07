using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.Toolkit.Checkpoints;

/// <summary>Where a tensor of a checkpoint is (BundleEntryProto of tensorflow/core/protobuf/tensor_bundle.proto).</summary>
/// <param name="Type">Type of the elements.</param>
/// <param name="Shape">Shape of the whole tensor; its number of elements fits in 63 bits.</param>
/// <param name="Shard">Number of the data file.</param>
/// <param name="Offset">Place in that file.</param>
/// <param name="Size">Number of bytes.</param>
/// <param name="Checksum">Masked CRC-32C of the bytes.</param>
/// <param name="Slices">The parts that are stored in place of the whole, each by start and length along every dimension, -1 for all of it.</param>
internal sealed record BundleEntry(DataType Type, TensorShape Shape, int Shard, long Offset, long Size, uint Checksum, ImmutableArray<TensorSlice> Slices)
{
    public static BundleEntry Parse(ReadOnlyMemory<byte> message, string file)
    {
        var type = DataType.Invalid;
        var shape = TensorShape.Scalar;
        int shard = 0;
        long offset = 0, size = 0;
        uint checksum = 0;
        var slices = ImmutableArray.CreateBuilder<TensorSlice>();
        var reader = new WireReader(message);
        while (reader.Next())
        {
            switch (reader.Field, reader.Type)
            {
                case (1, WireType.Varint): type = (DataType)(int)reader.Varint(); break;
                case (2, WireType.Bytes): shape = ShapeOf(reader.Message(), file); break;
                case (3, WireType.Varint): shard = (int)reader.Varint(); break;
                case (4, WireType.Varint): offset = (long)reader.Varint(); break;
                case (5, WireType.Varint): size = (long)reader.Varint(); break;
                case (6, WireType.Fixed32): checksum = reader.Fixed32(); break;
                case (7, WireType.Bytes): slices.Add(TensorSlice.Parse(reader.Message())); break;
                default: reader.Skip(); break;
            }
        }
        if (shard < 0 || offset < 0 || size < 0)
            throw CheckpointErrors.Index(file, "an entry is outside the data");
        return new(type, shape, shard, offset, size, checksum, slices.ToImmutable());
    }

    /// <summary>Reads a message TensorShapeProto of a known shape.</summary>
    public static TensorShape ShapeOf(WireReader reader, string file)
    {
        var dimensions = ImmutableArray.CreateBuilder<long>();
        while (reader.Next())
        {
            if (reader is { Field: 2, Type: WireType.Bytes })
                dimensions.Add(FirstNumber(reader.Message()));
            else
                reader.Skip();
        }
        var shape = TensorShape.Of(dimensions.ToImmutable());
        return shape.TryCount(out _) ? shape : throw CheckpointErrors.Index(file, $"a tensor has the shape {shape}");
    }

    private static long FirstNumber(WireReader reader)
    {
        long number = 0;
        while (reader.Next())
        {
            if (reader is { Field: 1, Type: WireType.Varint })
                number = (long)reader.Varint();
            else
                reader.Skip();
        }
        return number;
    }
}
