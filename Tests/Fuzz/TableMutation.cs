using System.Buffers.Binary;
using System.Text;
using TransformFramework.Toolkit.Checkpoints;
using TransformFramework.Toolkit.ModelFiles;

namespace TransformFramework.Fuzz;

/// <summary>Changes of the entries of a table file, written again with right checksums, so that what is behind the checksums is reached.</summary>
internal static class TableMutation
{
    private const int FooterSize = 48;
    private const ulong Magic = 0xDB4775248B80FB57;

    public static bool IsTable(byte[] content)
    {
        using var file = new BufferedFile(content, "table");
        return SortedTable.IsTable(file);
    }

    /// <summary>A copy of the table with one entry changed; of bytes when it cannot be read.</summary>
    public static byte[] Change(byte[] content, Random random)
    {
        using var file = new BufferedFile(content, "table");
        Dictionary<string, ReadOnlyMemory<byte>> entries;
        try
        {
            entries = SortedTable.Read(file, CancellationToken.None);
        }
        catch (TransformFramework.ModelFiles.ModelFormatException)
        {
            return ByteMutation.Apply(content, random);
        }
        if (entries.Count == 0)
            return ByteMutation.Apply(content, random);
        string key = entries.Keys.ElementAt(random.Next(entries.Count));
        byte[] value = entries[key].ToArray();
        switch (random.Next(6))
        {
            case 0:
                entries.Remove(key);
                break;
            case 1:
                entries.Remove(key);
                entries[Encoding.Latin1.GetString(ByteMutation.Apply(Encoding.Latin1.GetBytes(key), random))] = value;
                break;
            case 2:
                entries[key] = entries.Values.ElementAt(random.Next(entries.Count));
                break;
            default:
                entries[key] = MessageMutation.Change(value, random);
                break;
        }
        return Write(entries);
    }

    private static byte[] Write(Dictionary<string, ReadOnlyMemory<byte>> entries)
    {
        var file = new List<byte>();
        byte[] data = Append(file, entries.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => (entry.Key, entry.Value.ToArray())));
        byte[] index = Append(file, [("\xFF", data)]);
        byte[] footer = new byte[FooterSize];
        byte[] handles = [0, 0, .. index];
        handles.CopyTo(footer, 0);
        BinaryPrimitives.WriteUInt64LittleEndian(footer.AsSpan(FooterSize - sizeof(ulong)), Magic);
        return [.. file, .. footer];
    }

    private static byte[] Append(List<byte> file, IEnumerable<(string Key, byte[] Value)> entries)
    {
        int start = file.Count;
        foreach (var (key, value) in entries)
            file.AddRange([0, .. Varint(key.Length), .. Varint(value.Length), .. Encoding.Latin1.GetBytes(key), .. value]);
        file.AddRange([0, 0, 0, 0, 1, 0, 0, 0]);
        byte[] handle = [.. Varint(start), .. Varint(file.Count - start)];
        file.Add(0);
        byte[] checksum = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(checksum, Crc32C.Mask(Crc32C.Compute(file.Skip(start).ToArray())));
        file.AddRange(checksum);
        return handle;
    }

    private static byte[] Varint(int value) => value < 0x80 ? [(byte)value] : [(byte)(value | 0x80), .. Varint(value >> 7)];
}
