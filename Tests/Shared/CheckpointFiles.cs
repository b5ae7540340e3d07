using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace TransformFramework;

/// <summary>Writes checkpoints of float tensors of one column as TensorFlow does.</summary>
internal sealed class CheckpointFiles
{
    private readonly SortedDictionary<string, byte[]> entries = new(StringComparer.Ordinal) { [""] = [0x08, 1, 0x1A, 2, 0x08, 1] };
    private readonly List<byte> data = [];

    /// <summary>The files by ending.</summary>
    public Dictionary<string, byte[]> Files => new(StringComparer.Ordinal) { [".index"] = Index(), [".data-00000-of-00001"] = [.. data] };

    /// <summary>Adds a whole tensor.</summary>
    public CheckpointFiles Add(string name, params float[] column)
    {
        entries[name] = Entry(column.Length, column, slices: []);
        return this;
    }

    /// <summary>Adds rows of a tensor, under the key that they have.</summary>
    public CheckpointFiles AddRows(string name, string key, int rows, int start, params float[] column)
    {
        byte[] slice = [0x3A, .. Message([.. Message([0x08, (byte)start, 0x10, (byte)column.Length], 0x0A), 0x0A, 0], tag: null)];
        entries[name] = [.. entries.GetValueOrDefault(name, [0x08, 1, .. Shape(rows)]), .. slice];
        entries[key] = Entry(column.Length, column, slices: []);
        return this;
    }

    private static byte[] Shape(int rows) => Message([.. Message([0x08, (byte)rows], 0x12), .. Message([0x08, 1], 0x12)], 0x12);

    private static byte[] Message(byte[] content, byte? tag) => tag is { } value ? [value, (byte)content.Length, .. content] : [(byte)content.Length, .. content];

    private byte[] Entry(int rows, float[] column, byte[] slices)
    {
        byte[] content = MemoryMarshal.AsBytes<float>(column).ToArray();
        byte[] entry = [0x08, 1, .. Shape(rows), 0x20, (byte)data.Count, 0x28, (byte)content.Length, 0x35, .. Checksum(content), .. slices];
        data.AddRange(content);
        return entry;
    }

    private static byte[] Checksum(ReadOnlySpan<byte> content)
    {
        uint checksum = ~0u;
        foreach (byte value in content)
            checksum = BitOperations.Crc32C(checksum, value);
        byte[] masked = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(masked, BitOperations.RotateRight(~checksum, 15) + 0xA282EAD8);
        return masked;
    }

    private byte[] Index()
    {
        var file = new List<byte>();
        byte[] handle = Append(file, entries);
        byte[] index = Append(file, new SortedDictionary<string, byte[]>(StringComparer.Ordinal) { ["\xFF"] = handle });
        byte[] footer = new byte[48];
        byte[] handles = [0, 0, .. index];
        handles.CopyTo(footer, 0);
        BinaryPrimitives.WriteUInt64LittleEndian(footer.AsSpan(40), 0xDB4775248B80FB57);
        return [.. file, .. footer];
    }

    /// <summary>A block whose keys share what they can with the one before; gives its place and size.</summary>
    private static byte[] Append(List<byte> file, SortedDictionary<string, byte[]> entries)
    {
        int start = file.Count;
        string before = "";
        foreach (var (key, value) in entries)
        {
            int shared = before.Zip(key).TakeWhile(pair => pair.First == pair.Second).Count();
            file.AddRange([(byte)shared, (byte)(key.Length - shared), (byte)value.Length, .. Encoding.Latin1.GetBytes(key[shared..]), .. value]);
            before = key;
        }
        file.AddRange([0, 0, 0, 0, 1, 0, 0, 0]);
        byte[] handle = [.. Varint(start), .. Varint(file.Count - start)];
        file.Add(0);
        file.AddRange(Checksum(CollectionsMarshal.AsSpan(file)[start..]));
        return handle;
    }

    private static byte[] Varint(int value) => value < 0x80 ? [(byte)value] : [(byte)(value | 0x80), .. Varint(value >> 7)];
}
