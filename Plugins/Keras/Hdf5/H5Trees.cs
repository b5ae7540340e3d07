namespace TransformFramework.Keras.Hdf5;

/// <summary>Walks the trees that order links, attributes and chunks.</summary>
internal static class H5Trees
{
    private const int MaxDepth = 32;

    /// <summary>The leaves of an old tree, each with the key before it.</summary>
    /// <param name="file">The file.</param>
    /// <param name="address">The root.</param>
    /// <param name="kind">0 for links, 1 for chunks.</param>
    /// <param name="keySize">Bytes of a key.</param>
    public static IEnumerable<(ReadOnlyMemory<byte> Key, long Child)> Old(H5Bytes file, long address, int kind, int keySize)
    {
        var stack = new Stack<(long Address, int Depth)>([(address, 0)]);
        while (stack.TryPop(out var next))
        {
            H5Cursor head = file.Block(next.Address, 8 + (2 * file.OffsetSize), "TREE"u8);
            int type = head.Byte();
            int level = head.Byte();
            int count = head.UInt16();
            if (type != kind || next.Depth > MaxDepth)
                throw file.Damaged($"the tree at {next.Address} is not of the kind that it should be");
            H5Cursor entries = file.Cursor(next.Address + 8 + (2 * file.OffsetSize), (long)count * (keySize + file.OffsetSize));
            for (int i = 0; i < count; i++)
            {
                ReadOnlyMemory<byte> key = entries.Bytes(keySize);
                long child = entries.Offset();
                file.Visit();
                if (level == 0)
                    yield return (key, child);
                else
                    stack.Push((child, next.Depth + 1));
            }
        }
    }

    /// <summary>The records of a new tree.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> New(H5Bytes file, long address)
    {
        H5Cursor head = file.Block(address, 18 + file.OffsetSize + file.LengthSize, "BTHD"u8);
        head.Skip(2);
        long nodeSize = head.UInt32();
        int recordSize = head.UInt16();
        int depth = head.UInt16();
        head.Skip(2);
        long root = head.Offset();
        int rootCount = head.UInt16();
        if (recordSize == 0 || nodeSize < recordSize + 10 || depth > MaxDepth)
            throw file.Damaged("a tree has impossible sizes");
        if (file.IsUndefined(root))
            yield break;
        (int countSize, int[] totalSizes) = Widths(file, nodeSize, recordSize, depth);
        var stack = new Stack<(long Address, int Count, int Level)>([(root, rootCount, depth)]);
        while (stack.TryPop(out var node))
        {
            int pointerSize = node.Level == 0 ? 0 : file.OffsetSize + countSize + totalSizes[node.Level - 1];
            H5Cursor cursor = file.Block(node.Address, 6 + ((long)node.Count * recordSize) + ((node.Count + 1L) * pointerSize), node.Level == 0 ? "BTLF"u8 : "BTIN"u8);
            cursor.Skip(2);
            for (int i = 0; i < node.Count; i++)
            {
                file.Visit();
                yield return cursor.Bytes(recordSize);
            }
            for (int i = 0; node.Level > 0 && i <= node.Count; i++)
            {
                long child = cursor.Offset();
                long count = cursor.Number(countSize);
                cursor.Skip(totalSizes[node.Level - 1]);
                stack.Push((child, (int)Math.Clamp(count, 0, int.MaxValue / 64), node.Level - 1));
            }
        }
    }

    /// <summary>Bytes of the number of records in a child, and by level of the number below it.</summary>
    private static (int CountSize, int[] TotalSizes) Widths(H5Bytes file, long nodeSize, int recordSize, int depth)
    {
        long most = (nodeSize - 10) / recordSize;
        int countSize = Bytes(most);
        var totals = new int[depth + 1];
        long below = most;
        for (int level = 1; level <= depth; level++)
        {
            long pointer = file.OffsetSize + countSize + totals[level - 1];
            long here = Math.Max(0, (nodeSize - 10 - pointer) / (recordSize + pointer));
            below = Math.Min(((here + 1) * below) + here, long.MaxValue >> 32);
            totals[level] = Bytes(below);
        }
        totals[0] = 0;
        return (countSize, totals);
    }

    private static int Bytes(long value) => ((63 - System.Numerics.BitOperations.LeadingZeroCount((ulong)Math.Max(1, value))) / 8) + 1;
}
