using System.Text;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.Toolkit.GraphDefs;

/// <summary>TensorFlow's <c>AttrValue</c>, <c>NameAttrList</c> and the maps of attributes.</summary>
static partial class AttributeWire
{
    public static long Size(AttributeValue value) => value.UnknownFields.Bytes.Length + value switch
    {
        ListValue list => WireSize.Delimited(1, ListWire.Size(list)),
        BytesValue bytes => WireSize.Delimited(2, bytes.Bytes.Length),
        IntValue number => 1 + WireSize.Varint((ulong)number.Value),
        FloatValue => 1 + sizeof(float),
        BoolValue => 2,
        TypeValue type => 1 + WireSize.Varint((ulong)type.Value),
        ShapeValue shape => WireSize.Delimited(7, ShapeWire.Size(shape.Value)),
        TensorValue tensor => WireSize.Delimited(8, TensorWire.Size(tensor.Value)),
        PlaceholderValue placeholder => WireSize.Delimited(9, Encoding.UTF8.GetByteCount(placeholder.Name)),
        FunctionValue function => WireSize.Delimited(10, FunctionSize(function)),
        _ => 0,
    };

    public static void Write(AttributeValue value, WireWriter writer)
    {
        switch (value)
        {
            case ListValue list:
                writer.Delimiter(1, ListWire.Size(list));
                ListWire.Write(list, writer);
                break;
            case BytesValue bytes:
                writer.Bytes(2, bytes.Bytes);
                break;
            case IntValue number:
                writer.Tag(3, WireType.Varint);
                writer.Varint((ulong)number.Value);
                break;
            case FloatValue number:
                writer.Tag(4, WireType.Fixed32);
                writer.Fixed32(BitConverter.SingleToUInt32Bits(number.Value));
                break;
            case BoolValue flag:
                writer.Tag(5, WireType.Varint);
                writer.Varint(flag.Value ? 1u : 0u);
                break;
            case TypeValue type:
                writer.Tag(6, WireType.Varint);
                writer.Varint((ulong)type.Value);
                break;
            case ShapeValue shape:
                writer.Delimiter(7, ShapeWire.Size(shape.Value));
                ShapeWire.Write(shape.Value, writer);
                break;
            case TensorValue tensor:
                writer.Delimiter(8, TensorWire.Size(tensor.Value));
                TensorWire.Write(tensor.Value, writer);
                break;
            case PlaceholderValue placeholder:
                writer.Text(9, placeholder.Name);
                break;
            case FunctionValue function:
                writer.Delimiter(10, FunctionSize(function));
                WriteFunction(function, writer);
                break;
        }
        writer.Raw(value.UnknownFields.Bytes);
    }

    public static AttributeValue Read(WireReader reader)
    {
        AttributeValue value = new UnsetValue();
        var member = new FieldCollector();
        var unknown = new FieldCollector();
        long origin = 0;
        int field = 0;
        while (reader.Next())
        {
            bool isMessage = reader.Type == WireType.Bytes && reader.Field is 1 or 7 or 8 or 10;
            if (isMessage && field == reader.Field)
            {
                member.Add(reader.Bytes());
            }
            else if (isMessage)
            {
                member = default;
                member.Add(reader.Bytes());
                origin = reader.Offset - member.Bytes.Length;
                field = reader.Field;
            }
            else if (ReadScalar(ref reader) is { } scalar)
            {
                value = scalar;
                field = 0;
            }
            else
            {
                unknown.Add(reader.Skip());
            }
        }
        if (field != 0)
            value = ReadMember(field, reader.Nested(member.Bytes, origin));
        return unknown.IsEmpty ? value : value with { UnknownFields = unknown.UnknownFields };
    }

    private static AttributeValue? ReadScalar(ref WireReader reader) => (reader.Field, reader.Type) switch
    {
        (2, WireType.Bytes) => new BytesValue(reader.Bytes()),
        (3, WireType.Varint) => new IntValue((long)reader.Varint()),
        (4, WireType.Fixed32) => new FloatValue(BitConverter.UInt32BitsToSingle(reader.Fixed32())),
        (5, WireType.Varint) => new BoolValue(reader.Varint() != 0),
        (6, WireType.Varint) => new TypeValue((DataType)(int)reader.Varint()),
        (9, WireType.Bytes) => new PlaceholderValue(reader.String()),
        _ => null,
    };

    private static AttributeValue ReadMember(int field, WireReader reader) => field switch
    {
        1 => ListWire.Read(reader),
        7 => new ShapeValue(ShapeWire.Read(reader)),
        8 => new TensorValue(TensorReader.Read(reader)),
        _ => ReadFunction(reader),
    };

    public static FunctionValue ReadFunction(WireReader reader)
    {
        string name = "";
        var attributes = new List<KeyValuePair<string, AttributeValue>>();
        var unknown = new FieldCollector();
        while (reader.Next())
        {
            switch (reader.Field, reader.Type)
            {
                case (1, WireType.Bytes):
                    name = reader.String();
                    break;
                case (2, WireType.Bytes):
                    attributes.Add(ReadEntry(reader.Message()));
                    break;
                default:
                    unknown.Add(reader.Skip());
                    break;
            }
        }
        return new(name, AttributeMap.Create(attributes)) { FunctionUnknownFields = unknown.UnknownFields };
    }

    /// <summary>One entry of a map of attributes.</summary>
    public static KeyValuePair<string, AttributeValue> ReadEntry(WireReader reader)
    {
        string name = "";
        AttributeValue? value = null;
        while (reader.Next())
        {
            switch (reader.Field, reader.Type)
            {
                case (1, WireType.Bytes):
                    name = reader.String();
                    break;
                case (2, WireType.Bytes):
                    value = Read(reader.Message());
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        return new(name, value ?? new UnsetValue());
    }

    public static long FunctionSize(FunctionValue function) =>
        WireSize.String(1, function.Name) + MapSize(2, function.Attributes) + function.FunctionUnknownFields.Bytes.Length;

    public static void WriteFunction(FunctionValue function, WireWriter writer)
    {
        writer.String(1, function.Name);
        WriteMap(2, function.Attributes, writer);
        writer.Raw(function.FunctionUnknownFields.Bytes);
    }

    public static long MapSize(int field, AttributeMap attributes)
    {
        long size = 0;
        foreach (var (name, value) in attributes.Entries)
            size += WireSize.Delimited(field, EntrySize(name, Size(value)));
        return size;
    }

    public static void WriteMap(int field, AttributeMap attributes, WireWriter writer)
    {
        foreach (var (name, value) in attributes.Entries)
        {
            long size = Size(value);
            writer.Delimiter(field, EntrySize(name, size));
            writer.Text(1, name);
            writer.Delimiter(2, size);
            Write(value, writer);
        }
    }

    private static long EntrySize(string name, long size) => WireSize.Delimited(1, Encoding.UTF8.GetByteCount(name)) + WireSize.Delimited(2, size);
}
