using System.Collections.Immutable;
using System.Runtime.InteropServices;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.Toolkit.GraphDefs;

/// <summary>
/// Reads TensorFlow's <c>TensorProto</c>. Elements in the field of the tensor's type become its values; those in another field, and any beside
/// <c>tensor_content</c>, have no meaning for TensorFlow and are kept as unknown fields.
/// </summary>
static partial class TensorReader
{
    public static Tensor Read(WireReader reader)
    {
        var type = DataType.Invalid;
        var shape = new FieldCollector();
        long shapeOrigin = -1;
        int version = 0;
        ReadOnlyMemory<byte> content = default;
        var others = new List<Record>();
        while (reader.Next())
        {
            switch (reader.Field, reader.Type)
            {
                case (1, WireType.Varint):
                    type = (DataType)(int)reader.Varint();
                    break;
                case (2, WireType.Bytes):
                    shape.Add(reader.Bytes());
                    shapeOrigin = shapeOrigin < 0 ? reader.Offset - shape.Bytes.Length : shapeOrigin;
                    break;
                case (3, WireType.Varint):
                    version = (int)reader.Varint();
                    break;
                case (4, WireType.Bytes):
                    content = reader.Bytes();
                    break;
                default:
                    others.Add(new(reader.Field, reader.Type, reader.FieldOffset, reader.Skip()));
                    break;
            }
        }
        bool hasShape = shapeOrigin >= 0;
        TensorShape dimensions = hasShape ? ShapeWire.Read(reader.Nested(shape.Bytes, shapeOrigin)) : TensorShape.Scalar;
        Tensor tensor = content.IsEmpty ? FromValues(type, dimensions, others) : Tensor.FromContent(type, dimensions, content);
        var unknown = new FieldCollector();
        foreach (Record other in others)
            unknown.Add(other.Bytes);
        return tensor.With(hasShape, version, unknown.UnknownFields);
    }

    private static Tensor FromValues(DataType type, TensorShape shape, List<Record> records)
    {
        TensorElements elements = TensorElements.Of(type);
        var values = records.FindAll(record => record.Holds(elements));
        if (type == DataType.String)
        {
            records.RemoveAll(record => record.Holds(elements));
            return Tensor.FromStrings(shape, [.. values.Select(record => record.Payload)]);
        }
        if (values.Sum(record => (long)record.Bytes.Length) * elements.Size > Array.MaxLength)
            return Tensor.FromValues(type, shape, default);
        ReadOnlyMemory<byte> bytes = elements is { IsVarint: false } && values is [{ Type: WireType.Bytes } only] ? only.Payload : Join(values, elements);
        if (bytes.IsEmpty || bytes.Length % type.Size() != 0)
            return Tensor.FromValues(type, shape, default);
        records.RemoveAll(record => record.Holds(elements));
        return Tensor.FromValues(type, shape, bytes);
    }

    private static byte[] Join(List<Record> values, TensorElements elements)
    {
        var bytes = new List<byte>();
        foreach (Record record in values)
        {
            WireReader reader = record.Values;
            while (reader.Remaining > 0)
                elements.Store(elements.IsVarint ? reader.Varint() : elements.Size == sizeof(uint) ? reader.Fixed32() : reader.Fixed64(), bytes);
        }
        return CollectionsMarshal.AsSpan(bytes).ToArray();
    }

    private readonly record struct Record(int Field, WireType Type, long Origin, ReadOnlyMemory<byte> Bytes)
    {
        public ReadOnlyMemory<byte> Payload => AfterTag().Bytes();

        /// <summary>A reader of the numbers one after the other.</summary>
        public WireReader Values => Type == WireType.Bytes ? AfterTag().Message() : AfterTag();

        public bool Holds(TensorElements elements) => Field == elements.Field && (Type == WireType.Bytes || Type == elements.WireType);

        private WireReader AfterTag()
        {
            var reader = new WireReader(Bytes, Origin);
            reader.Next();
            return reader;
        }
    }
}
