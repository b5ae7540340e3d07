using System.Buffers.Binary;
using System.Text;
using TransformFramework.ModelFiles;

namespace TransformFramework.Toolkit.Checkpoints;

/// <summary>
/// A table file as LevelDB writes it (its doc/table_format.md): blocks of entries whose keys share prefixes, each with a checksum and perhaps compressed by Snappy, a block that lists them, a
/// footer that says where it is.
/// </summary>
public static class SortedTable
{
    private const ulong Magic = 0xDB4775248B80FB57;
    private const int FooterSize = 48;
    private const int TrailerSize = 5;
    private const int LongestKey = 1 << 16;

    /// <summary>Most bytes that a block may hold; TensorFlow's blocks have 4 KiB to 256 KiB, or one large entry.</summary>
    private const int LongestBlock = 1 << 30;

    /// <summary>Most that a compressed block may grow: Snappy cannot do better.</summary>
    private const int LargestRatio = 64;

    private const int LongestIndex = 1 << 30;

    /// <summary>True when the file ends as such a table does.</summary>
    public static bool IsTable(ModelSourceFile file) =>
        file.Length >= FooterSize && BinaryPrimitives.ReadUInt64LittleEndian(file.Slice(file.Length - sizeof(ulong), sizeof(ulong)).Span) == Magic;

    /// <summary>The entries by key. Each byte of a key is a character: keys of slices are no text. Values are views of the file where its blocks are not compressed.</summary>
    /// <exception cref="ModelFormatException">The file is no such table, or is damaged.</exception>
    public static Dictionary<string, ReadOnlyMemory<byte>> Read(ModelSourceFile file, CancellationToken cancellation)
    {
        string name = Path.GetFileName(file.Name);
        if (!IsTable(file))
            throw CheckpointErrors.Index(name, file.Length == 0 ? "it is empty" : "its footer is missing");
        ReadOnlySpan<byte> footer = file.Slice(file.Length - FooterSize, FooterSize).Span;
        Varint(ref footer, name);
        Varint(ref footer, name);
        var entries = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        long total = 0;
        foreach (var (_, handle) in Entries(Block(file, footer, name), name))
        {
            cancellation.ThrowIfCancellationRequested();
            ReadOnlyMemory<byte> block = Block(file, handle.Span, name);
            total += block.Length;
            if (total > file.Length + LongestIndex)
                throw CheckpointErrors.Index(name, "its blocks overlap");
            foreach (var (key, value) in Entries(block, name))
                entries[key] = value;
        }
        return entries;
    }

    private static ReadOnlyMemory<byte> Block(ModelSourceFile file, ReadOnlySpan<byte> handle, string name)
    {
        ulong offset = Varint(ref handle, name);
        ulong size = Varint(ref handle, name);
        if (size > LongestBlock || offset > (ulong)file.Length || size + TrailerSize > (ulong)file.Length - offset)
            throw CheckpointErrors.Index(name, "a block is outside the file");
        ReadOnlyMemory<byte> stored = file.Slice((long)offset, (int)size + TrailerSize);
        uint checksum = BinaryPrimitives.ReadUInt32LittleEndian(stored.Span[^sizeof(uint)..]);
        if (Crc32C.Mask(Crc32C.Compute(stored.Span[..^sizeof(uint)])) != checksum)
            throw CheckpointErrors.Index(name, $"the block at byte {offset} does not have its checksum");
        ReadOnlyMemory<byte> block = stored[..(int)size];
        return stored.Span[(int)size] switch
        {
            0 => block,
            1 => SnappyBlock.Decompress(block.Span, (int)Math.Min(LongestBlock, (long)block.Length * LargestRatio)) ?? throw CheckpointErrors.Index(name, $"the compressed block at byte {offset} cannot be decompressed"),
            byte other => throw CheckpointErrors.Index(name, $"the block at byte {offset} has an unknown compression, {other}"),
        };
    }

    /// <summary>An entry is the length shared with the key before, the lengths of what follows, the rest of the key, and the value; at the end are the places of whole keys.</summary>
    private static List<(string Key, ReadOnlyMemory<byte> Value)> Entries(ReadOnlyMemory<byte> block, string name)
    {
        if (block.Length < sizeof(uint))
            throw CheckpointErrors.Index(name, "a block is cut short");
        ulong restarts = (BinaryPrimitives.ReadUInt32LittleEndian(block.Span[^sizeof(uint)..]) + 1UL) * sizeof(uint);
        if (restarts > (ulong)block.Length)
            throw CheckpointErrors.Index(name, "a block is cut short");
        ReadOnlyMemory<byte> content = block[..^(int)restarts];
        ReadOnlySpan<byte> rest = content.Span;
        var entries = new List<(string Key, ReadOnlyMemory<byte> Value)>();
        string key = "";
        while (!rest.IsEmpty)
        {
            ulong shared = Varint(ref rest, name);
            ulong unshared = Varint(ref rest, name);
            ulong length = Varint(ref rest, name);
            if (shared > (ulong)key.Length || unshared > LongestKey || unshared > (ulong)rest.Length || length > (ulong)rest.Length - unshared)
                throw CheckpointErrors.Index(name, "an entry is cut short");
            key = string.Concat(key.AsSpan(0, (int)shared), Encoding.Latin1.GetString(rest[..(int)unshared]));
            if (key.Length > LongestKey)
                throw CheckpointErrors.Index(name, "a key is too long");
            rest = rest[(int)unshared..];
            entries.Add((key, content.Slice(content.Length - rest.Length, (int)length)));
            rest = rest[(int)length..];
        }
        return entries;
    }

    private static ulong Varint(scoped ref ReadOnlySpan<byte> bytes, string name)
    {
        ulong value = 0;
        for (int i = 0; i < Math.Min(bytes.Length, 10); i++)
        {
            value |= (ulong)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] >= 0x80)
                continue;
            bytes = bytes[(i + 1)..];
            return value;
        }
        throw CheckpointErrors.Index(name, "a number is cut short");
    }
}
