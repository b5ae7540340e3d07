using System.Text;

namespace TransformFramework.Keras.Hdf5;

/// <summary>The links of a group: a table of symbols, messages in its header, or a heap.</summary>
internal static class H5Group
{
    /// <summary>Names and addresses of the objects in a group; links to elsewhere are passed over.</summary>
    public static Dictionary<string, long> Links(H5Bytes file, IEnumerable<H5Message> messages)
    {
        var links = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (H5Message message in messages)
        {
            var cursor = new H5Cursor(file, message.Content);
            if (message.Kind == H5MessageKind.SymbolTable)
                AddSymbols(file, cursor.Offset(), cursor.Offset(), links);
            else if (message.Kind == H5MessageKind.Link)
                AddLink(file, message.Content, links);
            else if (message.Kind == H5MessageKind.LinkInfo)
                AddHeap(file, cursor, links);
        }
        return links;
    }

    private static void AddSymbols(H5Bytes file, long tree, long heapAddress, Dictionary<string, long> links)
    {
        var heap = new H5LocalHeap(file, heapAddress);
        int entrySize = (2 * file.OffsetSize) + 24;
        foreach (var (_, child) in H5Trees.Old(file, tree, 0, file.LengthSize))
        {
            H5Cursor head = file.Block(child, 8, "SNOD"u8);
            head.Skip(2);
            int count = head.UInt16();
            H5Cursor entries = file.Cursor(child + 8, (long)count * entrySize);
            for (int i = 0; i < count; i++)
            {
                file.Visit();
                long name = entries.Offset();
                links[heap.Name(name)] = entries.Offset();
                entries.Skip(24);
            }
        }
    }

    private static void AddHeap(H5Bytes file, H5Cursor info, Dictionary<string, long> links)
    {
        info.Byte();
        if ((info.Byte() & 1) != 0)
            info.Skip(8);
        long heapAddress = info.Offset();
        long tree = info.Offset();
        if (file.IsUndefined(heapAddress) || file.IsUndefined(tree))
            return;
        var heap = new H5FractalHeap(file, heapAddress);
        foreach (ReadOnlyMemory<byte> record in H5Trees.New(file, tree))
            AddLink(file, heap.Object(record[Math.Min(4, record.Length)..]), links);
    }

    private static void AddLink(H5Bytes file, ReadOnlyMemory<byte> message, Dictionary<string, long> links)
    {
        var cursor = new H5Cursor(file, message);
        cursor.Byte();
        int flags = cursor.Byte();
        int kind = (flags & 8) != 0 ? cursor.Byte() : 0;
        cursor.Skip(((flags & 4) != 0 ? 8 : 0) + ((flags & 0x10) != 0 ? 1 : 0));
        long length = cursor.Number(1 << (flags & 3));
        string name = Encoding.UTF8.GetString(cursor.Bytes(length).Span);
        if (kind == 0)
            links[name] = cursor.Offset();
    }
}
