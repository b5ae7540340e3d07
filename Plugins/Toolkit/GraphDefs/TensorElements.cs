using System.Buffers.Binary;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.Toolkit.GraphDefs;

/// <summary>The typed field of <c>TensorProto</c> (<c>float_val</c>, …) that holds the elements of a type, and how one of them is written there.</summary>
/// <param name="Field">Number of the field; 0 when the type has none.</param>
/// <param name="Size">Bytes of a number as a tensor stores it; half an element for complex types.</param>
/// <param name="IsVarint">True when the field holds varints; false for numbers as they are in memory, and for strings.</param>
/// <param name="IsSigned">True when varints extend the sign.</param>
readonly partial record struct TensorElements(int Field, int Size, bool IsVarint, bool IsSigned)
{
    public const int StringField = 8;
    private const int BoolField = 11;

    /// <summary>Layout of a single element outside a packed field.</summary>
    public WireType WireType => Size == 0 ? WireType.Bytes : IsVarint ? WireType.Varint : Size == sizeof(uint) ? WireType.Fixed32 : WireType.Fixed64;

    public static TensorElements Of(DataType type) => type switch
    {
        DataType.Float => new(5, 4, IsVarint: false, IsSigned: true),
        DataType.Double => new(6, 8, IsVarint: false, IsSigned: true),
        DataType.Int32 or DataType.QInt32 => new(7, 4, IsVarint: true, IsSigned: true),
        DataType.Int16 or DataType.QInt16 => new(7, 2, IsVarint: true, IsSigned: true),
        DataType.Int8 or DataType.QInt8 => new(7, 1, IsVarint: true, IsSigned: true),
        DataType.UInt16 or DataType.QUInt16 => new(7, 2, IsVarint: true, IsSigned: false),
        DataType.UInt8 or DataType.QUInt8 => new(7, 1, IsVarint: true, IsSigned: false),
        DataType.String => new(StringField, 0, IsVarint: false, IsSigned: false),
        DataType.Complex64 => new(9, 4, IsVarint: false, IsSigned: true),
        DataType.Int64 => new(10, 8, IsVarint: true, IsSigned: true),
        DataType.Bool => new(BoolField, 1, IsVarint: true, IsSigned: false),
        DataType.Complex128 => new(12, 8, IsVarint: false, IsSigned: true),
        DataType.Half or DataType.BFloat16 => new(13, 2, IsVarint: true, IsSigned: false),
        DataType.UInt32 => new(16, 4, IsVarint: true, IsSigned: false),
        DataType.UInt64 => new(17, 8, IsVarint: true, IsSigned: false),
        _ => default,
    };

    /// <summary>Bytes of the packed field's content.</summary>
    public long PackedSize(ReadOnlySpan<byte> stored)
    {
        if (!IsVarint)
            return stored.Length;
        long size = 0;
        for (int at = 0; at + Size <= stored.Length; at += Size)
            size += WireSize.Varint(Load(stored[at..]));
        return size;
    }

    /// <summary>Appends a number to the bytes of a tensor; what does not fit is cut off, as TensorFlow does.</summary>
    public void Store(ulong value, List<byte> bytes)
    {
        if (Field == BoolField)
            value = value == 0 ? 0ul : 1ul;
        for (int i = 0; i < Size; i++)
            bytes.Add((byte)(value >> (8 * i)));
    }

    /// <summary>The number at the beginning of the bytes, as a varint holds it.</summary>
    public ulong Load(ReadOnlySpan<byte> stored) => (Size, IsSigned) switch
    {
        (1, true) => (ulong)(sbyte)stored[0],
        (1, false) => stored[0],
        (2, true) => (ulong)BinaryPrimitives.ReadInt16LittleEndian(stored),
        (2, false) => BinaryPrimitives.ReadUInt16LittleEndian(stored),
        (4, true) => (ulong)BinaryPrimitives.ReadInt32LittleEndian(stored),
        (4, false) => BinaryPrimitives.ReadUInt32LittleEndian(stored),
        _ => BinaryPrimitives.ReadUInt64LittleEndian(stored),
    };
}
