using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Folding.Checkpoints;

/// <summary>Where a tensor of a checkpoint lies (BundleEntryProto of tensorflow/core/protobuf/tensor_bundle.proto).</summary>
/// <param name="Type">Type of the elements.</param>
/// <param name="Shape">Shape of the whole tensor.</param>
/// <param name="Shard">Number of the data file.</param>
/// <param name="Offset">Place in that file.</param>
/// <param name="Size">Number of bytes.</param>
/// <param name="Checksum">Masked CRC-32C of the bytes.</param>
/// <param name="Slices">The parts that are stored in place of the whole, each by start and length along every dimension, -1 for all of it.</param>
internal sealed record BundleEntry(DataType Type, TensorShape Shape, int Shard, long Offset, long Size, uint Checksum, ImmutableArray<TensorSlice> Slices)
{
    public static BundleEntry Parse(ReadOnlySpan<byte> message)
    {
        var type = DataType.Invalid;
        var shape = TensorShape.Scalar;
        int shard = 0;
        long offset = 0, size = 0;
        uint checksum = 0;
        var slices = ImmutableArray.CreateBuilder<TensorSlice>();
        for (var fields = new ProtoFields(message); fields.Next();)
        {
            switch (fields.Number)
            {
                case 1: type = (DataType)fields.Value; break;
                case 2: shape = ShapeOf(fields.Bytes); break;
                case 3: shard = (int)fields.Value; break;
                case 4: offset = (long)fields.Value; break;
                case 5: size = (long)fields.Value; break;
                case 6: checksum = (uint)fields.Value; break;
                case 7: slices.Add(TensorSlice.Parse(fields.Bytes)); break;
            }
        }
        return new(type, shape, shard, offset, size, checksum, slices.ToImmutable());
    }

    private static TensorShape ShapeOf(ReadOnlySpan<byte> message)
    {
        var dimensions = new List<long>();
        for (var fields = new ProtoFields(message); fields.Next();)
        {
            if (fields.Number == 2)
                dimensions.Add(FirstNumber(fields.Bytes));
        }
        return TensorShape.Of([.. dimensions]);
    }

    private static long FirstNumber(ReadOnlySpan<byte> message)
    {
        for (var fields = new ProtoFields(message); fields.Next();)
        {
            if (fields.Number == 1)
                return (long)fields.Value;
        }
        return 0;
    }
}
