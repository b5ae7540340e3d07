using System.Buffers.Binary;
using System.Text;
using TransformFramework.Diagnostics;
using TransformFramework.Transforms;

namespace TransformFramework.Folding.Checkpoints;

/// <summary>A table file as LevelDB writes it (its doc/table_format.md): blocks of entries whose keys share prefixes, a block that lists them, a footer that says where it is.</summary>
internal static class SortedTable
{
    private const ulong Magic = 0xDB4775248B80FB57;
    private const int FooterSize = 48;

    /// <summary>The entries by key. Bytes of keys are characters: keys of slices are no text.</summary>
    /// <exception cref="TransformException">FailedPrecondition: the file is no such table. Unimplemented: its blocks are compressed.</exception>
    public static Dictionary<string, byte[]> Read(ReadOnlySpan<byte> file)
    {
        if (file.Length < FooterSize || BinaryPrimitives.ReadUInt64LittleEndian(file[^sizeof(ulong)..]) != Magic)
            throw ProtoFields.Malformed();
        ReadOnlySpan<byte> footer = file[^FooterSize..];
        ProtoFields.Varint(ref footer);
        ProtoFields.Varint(ref footer);
        var entries = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var (_, handle) in Entries(Block(file, footer)))
        {
            foreach (var (key, value) in Entries(Block(file, handle)))
                entries[key] = value;
        }
        return entries;
    }

    private static ReadOnlySpan<byte> Block(ReadOnlySpan<byte> file, ReadOnlySpan<byte> handle)
    {
        ulong offset = ProtoFields.Varint(ref handle);
        ulong size = ProtoFields.Varint(ref handle);
        if (offset > (ulong)file.Length)
            throw ProtoFields.Malformed();
        ReadOnlySpan<byte> rest = file[(int)offset..];
        ReadOnlySpan<byte> block = ProtoFields.Take(ref rest, size);
        return ProtoFields.Take(ref rest, 1)[0] == 0 ? block : throw new TransformException(StatusKind.Unimplemented, "the index of the checkpoint is compressed") { Suggestion = "Freeze the graph first, so that its variables are constants." };
    }

    /// <summary>An entry is the length shared with the key before, the lengths of what follows, the rest of the key, and the value; at the end stand the places of whole keys.</summary>
    private static List<(string Key, byte[] Value)> Entries(ReadOnlySpan<byte> block)
    {
        if (block.Length < sizeof(uint))
            throw ProtoFields.Malformed();
        ulong restarts = (BinaryPrimitives.ReadUInt32LittleEndian(block[^sizeof(uint)..]) + 1UL) * sizeof(uint);
        ReadOnlySpan<byte> rest = restarts <= (ulong)block.Length ? block[..^(int)restarts] : throw ProtoFields.Malformed();
        var entries = new List<(string Key, byte[] Value)>();
        string key = "";
        while (!rest.IsEmpty)
        {
            ulong shared = ProtoFields.Varint(ref rest);
            ulong unshared = ProtoFields.Varint(ref rest);
            ulong length = ProtoFields.Varint(ref rest);
            if (shared > (ulong)key.Length)
                throw ProtoFields.Malformed();
            key = key[..(int)shared] + Encoding.Latin1.GetString(ProtoFields.Take(ref rest, unshared));
            entries.Add((key, ProtoFields.Take(ref rest, length).ToArray()));
        }
        return entries;
    }
}
