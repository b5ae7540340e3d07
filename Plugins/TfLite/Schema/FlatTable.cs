using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using TransformFramework.ModelFiles;

namespace TransformFramework.TfLite.Schema;

/// <summary>A file of tables. The bytes copied out of it are counted, since tables may refer to the same vector many times.</summary>
internal sealed class FlatFile(ReadOnlyMemory<byte> bytes)
{
    private long budget = (64L * bytes.Length) + (1 << 20);

    public ReadOnlyMemory<byte> Bytes { get; } = bytes;

    /// <exception cref="ModelFormatException">More was read than a sound file of this size holds.</exception>
    public void Charge(long size)
    {
        budget -= size;
        if (budget < 0)
            throw TfLiteDiagnostics.Broken("the file's tables refer to the same bytes too often");
    }
}

/// <summary>A table of a FlatBuffers file, read with every offset and length checked. <c>default</c> is an absent table.</summary>
internal readonly struct FlatTable
{
    private const int TableCost = 32;

    private readonly FlatFile file;
    private readonly int position;
    private readonly int vtable;
    private readonly int vtableLength;
    private readonly int tableLength;

    /// <exception cref="ModelFormatException">The table is not in the file.</exception>
    public FlatTable(FlatFile file, long position)
    {
        this.file = file;
        file.Charge(TableCost);
        this.position = Inside(position, 4);
        long start = position - ReadInt(this.position);
        vtable = Inside(start, 4);
        vtableLength = ReadUShort(vtable);
        tableLength = ReadUShort(vtable + 2);
        if (vtableLength < 4 || vtableLength % 2 != 0 || tableLength < 4)
            throw TfLiteDiagnostics.Broken($"the table at byte {position} has a description of {vtableLength} bytes");
        Inside(start, vtableLength);
        Inside(position, tableLength);
    }

    /// <summary>False for an absent table.</summary>
    public bool Exists => vtableLength > 0;

    /// <summary>True when a field is present.</summary>
    public bool Has(int field) => Find(field) >= 0;

    public bool Flag(int field, bool otherwise = false) => Find(field, 1) is >= 0 and var at ? file.Bytes.Span[at] != 0 : otherwise;

    public int Byte(int field, int otherwise = 0) => Find(field, 1) is >= 0 and var at ? (sbyte)file.Bytes.Span[at] : otherwise;

    public int UnionType(int field) => Find(field, 1) is >= 0 and var at ? file.Bytes.Span[at] : 0;

    public int Int(int field, int otherwise = 0) => Find(field, 4) is >= 0 and var at ? ReadInt(at) : otherwise;

    public uint UInt(int field) => (uint)Int(field);

    public long Long(int field, long otherwise = 0) => Find(field, 8) is >= 0 and var at ? BinaryPrimitives.ReadInt64LittleEndian(file.Bytes.Span[at..]) : otherwise;

    public float Float(int field, float otherwise = 0) => Find(field, 4) is >= 0 and var at ? BitConverter.Int32BitsToSingle(ReadInt(at)) : otherwise;

    /// <summary>A string; bytes that are not UTF-8 become replacement characters. Null when absent.</summary>
    public string? Text(int field)
    {
        if (Target(field) is not { } at)
            return null;
        (int start, int count) = Vector(at, 1);
        file.Charge(count);
        return Encoding.UTF8.GetString(file.Bytes.Span.Slice(start, count));
    }

    public FlatTable Table(int field) => Target(field) is { } at ? new(file, at) : default;

    /// <summary>The bytes of a vector; empty when absent.</summary>
    public ReadOnlyMemory<byte> Bytes(int field)
    {
        if (Target(field) is not { } at)
            return default;
        (int start, int count) = Vector(at, 1);
        return file.Bytes.Slice(start, count);
    }

    /// <summary>The elements of a vector of plain values; empty when absent.</summary>
    public T[] Values<T>(int field)
        where T : unmanaged
    {
        if (Target(field) is not { } at)
            return [];
        int size = System.Runtime.CompilerServices.Unsafe.SizeOf<T>();
        (int start, int count) = Vector(at, size);
        file.Charge((long)count * size);
        T[] values = new T[count];
        file.Bytes.Span.Slice(start, count * size).CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    /// <summary>The tables of a vector; empty when absent.</summary>
    public FlatTable[] Tables(int field)
    {
        if (Target(field) is not { } at)
            return [];
        (int start, int count) = Vector(at, 4);
        file.Charge((long)count * TableCost);
        var tables = new FlatTable[count];
        for (int i = 0; i < count; i++)
            tables[i] = new(file, Follow(start + (4 * i)));
        return tables;
    }

    private int Find(int field, int size = 1)
    {
        int slot = 4 + (2 * field);
        int offset = slot + 2 <= vtableLength ? ReadUShort(vtable + slot) : 0;
        if (offset == 0)
            return -1;
        if (offset < 4 || offset + size > tableLength)
            throw TfLiteDiagnostics.Broken($"field {field} of the table at byte {position} is outside of it");
        return position + offset;
    }

    private long? Target(int field) => Find(field, 4) is >= 0 and var at ? Follow(at) : null;

    private long Follow(int at)
    {
        uint offset = (uint)ReadInt(at);
        return offset == 0 ? throw TfLiteDiagnostics.Broken($"the offset at byte {at} is zero") : at + (long)offset;
    }

    private (int Start, int Count) Vector(long at, int size)
    {
        int header = Inside(at, 4);
        uint count = (uint)ReadInt(header);
        return (Inside(header + 4L, (long)count * size), (int)count);
    }

    private int Inside(long at, long length) =>
        at >= 4 && at + length <= file.Bytes.Length ? (int)at : throw TfLiteDiagnostics.Broken($"{length} bytes at {at} are referred to, but the file has {file.Bytes.Length} bytes");

    private int ReadInt(int at) => BinaryPrimitives.ReadInt32LittleEndian(file.Bytes.Span[at..]);

    private int ReadUShort(int at) => BinaryPrimitives.ReadUInt16LittleEndian(file.Bytes.Span[at..]);
}
