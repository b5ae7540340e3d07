using System.Buffers.Binary;
using System.Runtime.InteropServices;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.Cpu.Kernels.Examples;

/// <summary>Values of one feature of examples: strings, floats or 64-bit integers, one after the other.</summary>
/// <param name="type">string, float or int64.</param>
internal sealed class ValueList(DataType type)
{
    private readonly List<ReadOnlyMemory<byte>> strings = [];
    private readonly List<float> floats = [];
    private readonly List<long> integers = [];

    public DataType Type => type;

    public int Count => type switch
    {
        DataType.String => strings.Count,
        DataType.Float => floats.Count,
        DataType.Int64 => integers.Count,
        _ => throw Refuse.Type(type, "string, float and int64"),
    };

    /// <summary>Reads a message Feature { oneof kind { BytesList = 1; FloatList = 2; Int64List = 3 } }; null when it has no list.</summary>
    public static ValueList? Parse(ReadOnlyMemory<byte> feature)
    {
        ValueList? values = null;
        var message = new WireReader(feature);
        while (message.Next())
        {
            if (message.Field is < 1 or > 3 || message.Type != WireType.Bytes)
            {
                message.Skip();
                continue;
            }
            values = new(message.Field switch { 1 => DataType.String, 2 => DataType.Float, _ => DataType.Int64 });
            values.ReadList(message.Message());
        }
        return values;
    }

    public void Add(ValueList other)
    {
        strings.AddRange(other.strings);
        floats.AddRange(other.floats);
        integers.AddRange(other.integers);
    }

    /// <summary>Adds the elements of a tensor of the same type, or its only element again and again.</summary>
    public void Add(Tensor tensor, int count)
    {
        for (int i = 0; i < count; i++)
        {
            int at = tensor.ElementCount == 1 ? 0 : i;
            if (type == DataType.String)
                strings.Add(tensor.Strings[at]);
            else if (type == DataType.Float)
                floats.Add(tensor.AsSpan<float>()[at]);
            else
                integers.Add(tensor.AsSpan<long>()[at]);
        }
    }

    /// <summary>Adds zeros or empty strings.</summary>
    public void AddEmpty(int count)
    {
        for (int i = 0; i < count; i++)
        {
            if (type == DataType.String)
                strings.Add(default);
            else if (type == DataType.Float)
                floats.Add(0);
            else
                integers.Add(0);
        }
    }

    public Tensor ToTensor(TensorShape shape) => type switch
    {
        DataType.String => Tensor.FromStrings(shape, [.. strings]),
        DataType.Float => Tensor.Create<float>(type, shape, CollectionsMarshal.AsSpan(floats)),
        _ => Tensor.Create<long>(type, shape, CollectionsMarshal.AsSpan(integers)),
    };

    /// <summary>Reads a message { repeated value = 1 }, packed or not.</summary>
    private void ReadList(WireReader list)
    {
        while (list.Next())
        {
            bool isPacked = list.Type == WireType.Bytes;
            if (list.Field != 1)
                list.Skip();
            else if (type == DataType.String && isPacked)
                strings.Add(list.Bytes());
            else if (type == DataType.Float && (isPacked || list.Type == WireType.Fixed32))
                ReadFloats(ref list);
            else if (type == DataType.Int64 && (isPacked || list.Type == WireType.Varint))
                ReadIntegers(ref list);
            else
                list.Skip();
        }
    }

    private void ReadFloats(ref WireReader list)
    {
        if (list.Type == WireType.Fixed32)
        {
            floats.Add(BitConverter.UInt32BitsToSingle(list.Fixed32()));
            return;
        }
        ReadOnlySpan<byte> packed = list.Bytes().Span;
        for (int i = 0; i + sizeof(float) <= packed.Length; i += sizeof(float))
            floats.Add(BinaryPrimitives.ReadSingleLittleEndian(packed[i..]));
    }

    private void ReadIntegers(ref WireReader list)
    {
        if (list.Type == WireType.Varint)
        {
            integers.Add(unchecked((long)list.Varint()));
            return;
        }
        WireReader packed = list.Message();
        while (packed.Remaining > 0)
            integers.Add(unchecked((long)packed.Varint()));
    }
}
