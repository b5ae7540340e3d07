using System.Collections.Immutable;
using System.Runtime.InteropServices;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.Toolkit.GraphDefs;

/// <summary>TensorFlow's <c>TensorShapeProto</c>. Unknown fields of a single dimension are not kept.</summary>
static partial class ShapeWire
{
    public static long Size(TensorShape shape)
    {
        long size = WireSize.Flag(3, shape.IsUnknownRank) + shape.UnknownFields.Bytes.Length;
        for (int i = 0; i < shape.Dimensions.Length; i++)
            size += WireSize.Delimited(2, DimensionSize(shape, i));
        return size;
    }

    public static void Write(TensorShape shape, WireWriter writer)
    {
        for (int i = 0; i < shape.Dimensions.Length; i++)
        {
            writer.Delimiter(2, DimensionSize(shape, i));
            writer.Scalar(1, shape.Dimensions[i]);
            writer.String(2, Name(shape, i));
        }
        writer.Flag(3, shape.IsUnknownRank);
        writer.Raw(shape.UnknownFields.Bytes);
    }

    public static TensorShape Read(WireReader reader)
    {
        long[] dimensions = new long[Rank(reader)];
        int rank = 0;
        var names = new List<string>();
        bool unknownRank = false;
        bool named = false;
        var unknown = new FieldCollector();
        while (reader.Next())
        {
            switch (reader.Field, reader.Type)
            {
                case (2, WireType.Bytes):
                    var (size, name) = ReadDimension(reader.Message());
                    dimensions[rank++] = size;
                    names.Add(name);
                    named |= name.Length > 0;
                    break;
                case (3, WireType.Varint):
                    unknownRank = reader.Varint() != 0;
                    break;
                default:
                    unknown.Add(reader.Skip());
                    break;
            }
        }
        if (rank == 0 && unknown.IsEmpty)
            return unknownRank ? TensorShape.Unknown : TensorShape.Scalar;
        return TensorShape.Create(ImmutableCollectionsMarshal.AsImmutableArray(dimensions), unknownRank, named ? [.. names] : default, unknown.UnknownFields);
    }

    private static int Rank(WireReader reader)
    {
        int rank = 0;
        while (reader.Next())
        {
            if ((reader.Field, reader.Type) == (2, WireType.Bytes))
                rank++;
            reader.Skip();
        }
        return rank;
    }

    private static (long Size, string Name) ReadDimension(WireReader reader)
    {
        long size = 0;
        string name = "";
        while (reader.Next())
        {
            switch (reader.Field, reader.Type)
            {
                case (1, WireType.Varint):
                    size = (long)reader.Varint();
                    break;
                case (2, WireType.Bytes):
                    name = reader.String();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        return (size, name);
    }

    private static long DimensionSize(TensorShape shape, int index) => WireSize.Scalar(1, shape.Dimensions[index]) + WireSize.String(2, Name(shape, index));

    private static string Name(TensorShape shape, int index) => shape.DimensionNames.IsDefault ? "" : shape.DimensionNames[index];
}
