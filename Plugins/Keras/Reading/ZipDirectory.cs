using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.ModelFiles;

namespace TransformFramework.Keras.Reading;

/// <summary>
/// The entries of a zip file by name. Entries that are stored, as Keras writes them, are slices of the file without a copy; deflated ones are unpacked when they are asked for.
/// </summary>
internal sealed class ZipDirectory
{
    private const uint EndSignature = 0x06054B50;
    private const uint End64Signature = 0x06064B50;
    private const uint Locator64Signature = 0x07064B50;
    private const uint EntrySignature = 0x02014B50;
    private const uint LocalSignature = 0x04034B50;
    private const int EndLength = 22;
    private const int MostEntries = 1 << 16;
    private const long MostInflation = 1100;

    private readonly ModelSourceFile file;
    private readonly Dictionary<string, Entry> entries = new(StringComparer.Ordinal);

    private ZipDirectory(ModelSourceFile file) => this.file = file;

    /// <summary>The names, in the order of the directory.</summary>
    public IEnumerable<string> Names => entries.Keys;

    /// <summary>True when the file begins like a zip.</summary>
    public static bool IsZip(ModelSourceFile file) =>
        file.Length >= 4 && BinaryPrimitives.ReadUInt32LittleEndian(file.Slice(0, 4).Span) is LocalSignature or EndSignature;

    /// <summary>Reads the directory at the file's end.</summary>
    /// <exception cref="KerasException">There is none, or it is damaged.</exception>
    public static ZipDirectory Open(ModelSourceFile file)
    {
        var directory = new ZipDirectory(file);
        directory.Read();
        return directory;
    }

    /// <summary>An entry's bytes, or null when there is none of that name.</summary>
    public ModelSourceFile? Find(string name)
    {
        if (!entries.TryGetValue(name, out Entry entry))
            return null;
        if (entry.Offset > file.Length - 30)
            throw Damaged($"entry '{name}' is beyond its end");
        ReadOnlySpan<byte> local = file.Slice(entry.Offset, 30).Span;
        if (BinaryPrimitives.ReadUInt32LittleEndian(local) != LocalSignature)
            throw Damaged($"entry '{name}' does not begin where the directory says");
        long start = entry.Offset + 30 + BinaryPrimitives.ReadUInt16LittleEndian(local[26..]) + BinaryPrimitives.ReadUInt16LittleEndian(local[28..]);
        if (entry.Packed < 0 || start > file.Length - entry.Packed)
            throw Damaged($"entry '{name}' is cut");
        var packed = new FileSlice(file, name, start, entry.Packed);
        return entry.Method switch
        {
            0 when entry.Packed == entry.Length => packed,
            8 => Inflate(packed, name, entry.Length),
            _ => throw Damaged($"entry '{name}' is packed by method {entry.Method}, which is not read"),
        };
    }

    /// <summary>An entry as text, or null.</summary>
    public string? Text(string name)
    {
        if (Find(name) is not { } entry)
            return null;
        return entry.Length <= int.MaxValue / 2 ? Encoding.UTF8.GetString(entry.Slice(0, (int)entry.Length).Span) : throw Damaged($"entry '{name}' is too long");
    }

    private static BufferedFile Inflate(FileSlice packed, string name, long length)
    {
        if (length < 0 || length > Math.Min(packed.Length * MostInflation, Array.MaxLength))
            throw Damaged($"entry '{name}' states {length} bytes, more than it can hold");
        byte[] content = new byte[(int)length];
        try
        {
            using var stream = new DeflateStream(packed.OpenRead(), CompressionMode.Decompress);
            stream.ReadExactly(content);
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException)
        {
            throw Damaged($"entry '{name}' cannot be unpacked: {error.Message}");
        }
        return new(content, name);
    }

    private void Read()
    {
        long end = FindEnd();
        ReadOnlySpan<byte> record = file.Slice(end, EndLength).Span;
        long count = BinaryPrimitives.ReadUInt16LittleEndian(record[10..]);
        long size = BinaryPrimitives.ReadUInt32LittleEndian(record[12..]);
        long start = BinaryPrimitives.ReadUInt32LittleEndian(record[16..]);
        if (start == uint.MaxValue || count == ushort.MaxValue || size == uint.MaxValue)
            (count, size, start) = Read64(end);
        if (start < 0 || size < 0 || start > end || size > end - start || count > MostEntries || size > int.MaxValue)
            throw Damaged("its directory is not in the file");
        ReadEntries(file.Slice(start, (int)size).Span, count);
    }

    private (long Count, long Size, long Start) Read64(long end)
    {
        if (end < 20 || BinaryPrimitives.ReadUInt32LittleEndian(file.Slice(end - 20, 4).Span) != Locator64Signature)
            throw Damaged("its end record of 64 bits is missing");
        long at = BinaryPrimitives.ReadInt64LittleEndian(file.Slice(end - 12, 8).Span);
        if (at < 0 || at > file.Length - 56)
            throw Damaged("its end record of 64 bits is not in the file");
        ReadOnlySpan<byte> record = file.Slice(at, 56).Span;
        if (BinaryPrimitives.ReadUInt32LittleEndian(record) != End64Signature)
            throw Damaged("its end record of 64 bits is missing");
        return (BinaryPrimitives.ReadInt64LittleEndian(record[32..]), BinaryPrimitives.ReadInt64LittleEndian(record[40..]), BinaryPrimitives.ReadInt64LittleEndian(record[48..]));
    }

    private long FindEnd()
    {
        for (long at = file.Length - EndLength; at >= 0 && at >= file.Length - EndLength - ushort.MaxValue; at--)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(file.Slice(at, 4).Span) == EndSignature)
                return at;
        }
        throw Damaged("it has no central directory at its end, so it is cut");
    }

    private void ReadEntries(ReadOnlySpan<byte> directory, long count)
    {
        for (long i = 0; i < count; i++)
        {
            if (directory.Length < 46 || BinaryPrimitives.ReadUInt32LittleEndian(directory) != EntrySignature)
                throw Damaged("its directory breaks off");
            int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(directory[28..]);
            int extraLength = BinaryPrimitives.ReadUInt16LittleEndian(directory[30..]);
            int total = 46 + nameLength + extraLength + BinaryPrimitives.ReadUInt16LittleEndian(directory[32..]);
            if (directory.Length < total)
                throw Damaged("its directory breaks off");
            var entry = new Entry(
                BinaryPrimitives.ReadUInt16LittleEndian(directory[10..]), BinaryPrimitives.ReadUInt32LittleEndian(directory[20..]), BinaryPrimitives.ReadUInt32LittleEndian(directory[24..]),
                BinaryPrimitives.ReadUInt32LittleEndian(directory[42..]));
            string name = Encoding.UTF8.GetString(directory.Slice(46, nameLength));
            entries[name] = Widen(entry, directory.Slice(46 + nameLength, extraLength));
            directory = directory[total..];
        }
    }

    /// <summary>Sizes of 64 bits, which are in an extra field where the record has no room.</summary>
    private static Entry Widen(Entry entry, ReadOnlySpan<byte> extra)
    {
        while (extra.Length >= 4)
        {
            int size = BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]);
            if (size > extra.Length - 4)
                return entry;
            ReadOnlySpan<byte> field = extra.Slice(4, size);
            if (BinaryPrimitives.ReadUInt16LittleEndian(extra) == 1)
            {
                long length = Take(entry.Length, ref field);
                long packed = Take(entry.Packed, ref field);
                return entry with { Length = length, Packed = packed, Offset = Take(entry.Offset, ref field) };
            }
            extra = extra[(4 + size)..];
        }
        return entry;

        static long Take(long value, ref ReadOnlySpan<byte> field)
        {
            if (value != uint.MaxValue || field.Length < 8)
                return value;
            long wide = BinaryPrimitives.ReadInt64LittleEndian(field);
            field = field[8..];
            return wide;
        }
    }

    private static KerasException Damaged(string what) => new(KerasDiagnostics.DamagedFile, $"the zip is damaged: {what}");

    private readonly record struct Entry(int Method, long Packed, long Length, long Offset);

    /// <summary>A stretch of a file.</summary>
    private sealed class FileSlice(ModelSourceFile whole, string name, long start, long length) : ModelSourceFile
    {
        public override string Name => name;

        public override long Length => length;

        public override ReadOnlyMemory<byte> Slice(long offset, int count)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(offset);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(count, length - offset);
            return whole.Slice(start + offset, count);
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
