namespace TransformFramework.Keras.Hdf5;

/// <summary>Names of the links of an old group, one after the other, each with a zero behind.</summary>
internal sealed class H5LocalHeap
{
    private readonly H5Bytes file;
    private readonly ReadOnlyMemory<byte> content;

    public H5LocalHeap(H5Bytes file, long address)
    {
        this.file = file;
        H5Cursor head = file.Block(address, 8 + (2 * file.LengthSize) + file.OffsetSize, "HEAP"u8);
        head.Skip(4);
        long size = head.Length();
        head.Length();
        content = file.At(head.Offset(), size);
    }

    /// <summary>The name at an offset.</summary>
    public string Name(long offset)
    {
        if (offset < 0 || offset >= content.Length)
            throw file.Damaged("the name of a link is outside of its heap");
        ReadOnlySpan<byte> rest = content.Span[(int)offset..];
        int end = rest.IndexOf((byte)0);
        return System.Text.Encoding.UTF8.GetString(end < 0 ? rest : rest[..end]);
    }
}

/// <summary>Values of variable length.</summary>
internal static class H5GlobalHeap
{
    /// <summary>The value that an element of 16 bytes refers to: length, collection, index.</summary>
    public static ReadOnlyMemory<byte> Value(H5Bytes file, ReadOnlyMemory<byte> reference)
    {
        var cursor = new H5Cursor(file, reference);
        long length = cursor.UInt32();
        long address = cursor.Offset();
        long index = cursor.UInt32();
        if (length == 0)
            return default;
        int headLength = 8 + file.LengthSize;
        H5Cursor head = file.Block(address, headLength, "GCOL"u8);
        head.Skip(4);
        long size = head.Length();
        H5Cursor objects = file.Cursor(address + headLength, size - headLength);
        while (objects.Left >= headLength)
        {
            file.Visit();
            int number = objects.UInt16();
            objects.Skip(6);
            long bytes = objects.Length();
            if (number == 0)
                break;
            if (number == index)
                return objects.Bytes(Math.Min(length, bytes));
            objects.Skip(Math.Min(objects.Left, bytes < 0 ? int.MaxValue : (bytes + 7) / 8 * 8));
        }
        throw file.Damaged($"value {index} of the heap at {address} is not there");
    }
}

/// <summary>A heap of links or attributes of new groups: blocks in a table of doubling sizes.</summary>
internal sealed class H5FractalHeap
{
    private const int MostRows = 64;

    private readonly H5Bytes file;
    private readonly int offsetSize;
    private readonly int lengthSize;
    private readonly int width;
    private readonly long firstSize;
    private readonly long largestDirect;
    private readonly long root;
    private readonly int rootRows;

    public H5FractalHeap(H5Bytes file, long address)
    {
        this.file = file;
        H5Cursor head = file.Block(address, 26 + (12 * file.LengthSize) + (3 * file.OffsetSize), "FRHP"u8);
        head.Skip(3);
        int filters = head.UInt16();
        head.Byte();
        long largestObject = head.UInt32();
        head.Skip(file.LengthSize + file.OffsetSize + file.LengthSize + file.OffsetSize + (8 * file.LengthSize));
        width = head.UInt16();
        firstSize = head.Length();
        largestDirect = head.Length();
        int heapBits = head.UInt16();
        head.UInt16();
        root = head.Offset();
        rootRows = head.UInt16();
        if (filters != 0)
            throw file.Unsupported("a packed heap of links");
        if (width is 0 or > 1024 || firstSize <= 0 || largestDirect < firstSize || heapBits is 0 or > 64 || rootRows > MostRows || largestObject <= 0)
            throw file.Damaged("a heap of links has an impossible table");
        offsetSize = (heapBits + 7) / 8;
        lengthSize = Math.Min((Log2(largestDirect) + 7) / 8, (Log2(largestObject) / 8) + 1);
    }

    /// <summary>The object of a heap id.</summary>
    public ReadOnlyMemory<byte> Object(ReadOnlyMemory<byte> id)
    {
        var cursor = new H5Cursor(file, id);
        int first = cursor.Byte();
        switch ((first >> 4) & 3)
        {
            case 0:
                long offset = cursor.Number(offsetSize);
                long length = cursor.Number(lengthSize);
                return rootRows == 0 ? file.At(Sum(root, offset), length) : InTable(root, rootRows, offset, length, 0);
            case 2:
                return cursor.Bytes((first & 0x0F) + 1);
            default:
                throw file.Unsupported("a link or attribute larger than its heap");
        }
    }

    /// <summary>The object in the blocks of an indirect block, whose own offset is taken off already.</summary>
    private ReadOnlyMemory<byte> InTable(long address, int rows, long offset, long length, int depth)
    {
        if (depth > 8)
            throw file.Damaged("a heap of links is nested too deep");
        H5Cursor table = file.Block(address, 5 + file.OffsetSize + offsetSize + ((long)rows * width * file.OffsetSize), "FHIB"u8);
        table.Skip(1 + file.OffsetSize + offsetSize);
        long at = 0;
        for (int row = 0; row < rows; row++)
        {
            long size = row < 2 ? firstSize : firstSize << (row - 1);
            for (int column = 0; column < width; column++, at += size)
            {
                long block = table.Offset();
                if (size <= 0 || offset < at || offset >= at + size)
                    continue;
                if (size <= largestDirect)
                    return file.At(Sum(block, offset - at), length);
                int childRows = Math.Max(1, Log2(size) - Log2(firstSize * width) + 1);
                return InTable(block, Math.Min(childRows, MostRows), offset - at, length, depth + 1);
            }
        }
        throw file.Damaged("an object is outside of its heap");
    }

    /// <summary>The sum, or an address that is nowhere.</summary>
    private static long Sum(long address, long offset) => address < 0 || offset < 0 || address > long.MaxValue - offset ? -1 : address + offset;

    private static int Log2(long value) => 63 - System.Numerics.BitOperations.LeadingZeroCount((ulong)Math.Max(1, value));
}
