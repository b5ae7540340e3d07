using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.Toolkit.GraphDefs;

/// <summary>TensorFlow's <c>AttrValue.ListValue</c>: one repeated field for each kind of item.</summary>
static partial class ListWire
{
    public static long Size(ListValue list)
    {
        long size = list.ListUnknownFields.Bytes.Length;
        long integers = 0;
        long floats = 0;
        long flags = 0;
        long types = 0;
        foreach (AttributeValue item in list.Items)
        {
            switch (item)
            {
                case IntValue number:
                    integers += WireSize.Varint((ulong)number.Value);
                    break;
                case FloatValue:
                    floats += sizeof(float);
                    break;
                case BoolValue:
                    flags++;
                    break;
                case TypeValue type:
                    types += WireSize.Varint((ulong)type.Value);
                    break;
                default:
                    size += DelimitedSize(item);
                    break;
            }
        }
        return size + Packed(integers) + Packed(floats) + Packed(flags) + Packed(types);
    }

    public static void Write(ListValue list, WireWriter writer)
    {
        foreach (BytesValue bytes in list.Items.OfType<BytesValue>())
            writer.Bytes(2, bytes.Bytes);
        WritePacked(3, list.Items.OfType<IntValue>().Select(number => (ulong)number.Value), writer);
        WriteFloats(list.Items.OfType<FloatValue>(), writer);
        WritePacked(5, list.Items.OfType<BoolValue>().Select(flag => flag.Value ? 1ul : 0ul), writer);
        WritePacked(6, list.Items.OfType<TypeValue>().Select(type => (ulong)type.Value), writer);
        foreach (ShapeValue shape in list.Items.OfType<ShapeValue>())
        {
            writer.Delimiter(7, ShapeWire.Size(shape.Value));
            ShapeWire.Write(shape.Value, writer);
        }
        foreach (TensorValue tensor in list.Items.OfType<TensorValue>())
        {
            writer.Delimiter(8, TensorWire.Size(tensor.Value));
            TensorWire.Write(tensor.Value, writer);
        }
        foreach (FunctionValue function in list.Items.OfType<FunctionValue>())
        {
            writer.Delimiter(9, AttributeWire.FunctionSize(function));
            AttributeWire.WriteFunction(function, writer);
        }
        writer.Raw(list.ListUnknownFields.Bytes);
    }

    public static ListValue Read(WireReader reader)
    {
        var items = ImmutableArray.CreateBuilder<AttributeValue>();
        var unknown = new FieldCollector();
        while (reader.Next())
        {
            bool isPacked = reader.Type == WireType.Bytes && reader.Field is >= 3 and <= 6;
            if (isPacked)
                ReadPacked(reader.Field, reader.Message(), items);
            else if (ReadItem(ref reader) is { } item)
                items.Add(item);
            else
                unknown.Add(reader.Skip());
        }
        return new(items.DrainToImmutable()) { ListUnknownFields = unknown.UnknownFields };
    }

    private static AttributeValue? ReadItem(ref WireReader reader) => (reader.Field, reader.Type) switch
    {
        (2, WireType.Bytes) => new BytesValue(reader.Bytes()),
        (3 or 5 or 6, WireType.Varint) => ReadNumber(reader.Field, ref reader),
        (4, WireType.Fixed32) => ReadNumber(reader.Field, ref reader),
        (7, WireType.Bytes) => new ShapeValue(ShapeWire.Read(reader.Message())),
        (8, WireType.Bytes) => new TensorValue(TensorReader.Read(reader.Message())),
        (9, WireType.Bytes) => AttributeWire.ReadFunction(reader.Message()),
        _ => null,
    };

    private static void ReadPacked(int field, WireReader packed, ImmutableArray<AttributeValue>.Builder items)
    {
        while (packed.Remaining > 0)
            items.Add(ReadNumber(field, ref packed));
    }

    private static AttributeValue ReadNumber(int field, ref WireReader reader) => field switch
    {
        3 => new IntValue((long)reader.Varint()),
        4 => new FloatValue(BitConverter.UInt32BitsToSingle(reader.Fixed32())),
        5 => new BoolValue(reader.Varint() != 0),
        _ => new TypeValue((DataType)(int)reader.Varint()),
    };

    private static long DelimitedSize(AttributeValue item) => item switch
    {
        BytesValue bytes => WireSize.Delimited(2, bytes.Bytes.Length),
        ShapeValue shape => WireSize.Delimited(7, ShapeWire.Size(shape.Value)),
        TensorValue tensor => WireSize.Delimited(8, TensorWire.Size(tensor.Value)),
        FunctionValue function => WireSize.Delimited(9, AttributeWire.FunctionSize(function)),
        _ => throw new ArgumentException($"a list cannot hold an item of kind {item.Kind}", nameof(item)),
    };

    private static long Packed(long payload) => payload == 0 ? 0 : WireSize.Delimited(1, payload);

    private static void WritePacked(int field, IEnumerable<ulong> values, WireWriter writer)
    {
        long payload = values.Sum(value => (long)WireSize.Varint(value));
        if (payload == 0)
            return;
        writer.Delimiter(field, payload);
        foreach (ulong value in values)
            writer.Varint(value);
    }

    private static void WriteFloats(IEnumerable<FloatValue> values, WireWriter writer)
    {
        int count = values.Count();
        if (count == 0)
            return;
        writer.Delimiter(4, (long)count * sizeof(float));
        foreach (FloatValue number in values)
            writer.Fixed32(BitConverter.SingleToUInt32Bits(number.Value));
    }
}
