using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Keras.Hdf5;

/// <summary>Puts a dataset together from its chunks.</summary>
internal sealed class H5Chunks(H5Bytes file, string path, TensorShape shape, int elementSize, ImmutableArray<H5Filter> filters)
{
    private const int SingleChunk = 1;
    private const int Implicit = 2;
    private const int FixedArray = 3;

    /// <summary>Reads all chunks that a layout message lists.</summary>
    public byte[] Read(H5Cursor layout, int version, int length)
    {
        byte[] content = new byte[length];
        int flags = version == 4 ? layout.Byte() : 0;
        int rank = layout.Byte() - 1;
        if (rank != shape.Rank)
            throw file.Damaged($"the chunks of dataset '{path}' have another number of axes");
        long old = version == 3 ? layout.Offset() : -1;
        int width = version == 4 ? layout.Byte() : 4;
        long[] sizes = [.. Enumerable.Range(0, rank + 1).Select(_ => layout.Number(width))];
        long bytes = elementSize;
        foreach (long size in sizes[..rank])
            bytes = size is > 0 and <= int.MaxValue && bytes * size <= Math.Max(file.FileLength * 64, 64L << 20) ? bytes * size : throw file.Damaged($"the chunks of dataset '{path}' have impossible sizes");
        if (version == 3)
            ReadOld(old, sizes, (int)bytes, content);
        else
            ReadNew(layout, flags, sizes, (int)bytes, content);
        return content;
    }

    private void ReadOld(long tree, long[] sizes, int bytes, byte[] content)
    {
        if (file.IsUndefined(tree))
            return;
        int rank = shape.Rank;
        foreach (var (key, child) in H5Trees.Old(file, tree, 1, 8 + (8 * (rank + 1))))
        {
            var cursor = new H5Cursor(file, key);
            long stored = cursor.UInt32();
            long mask = cursor.UInt32();
            long[] origin = [.. Enumerable.Range(0, rank).Select(_ => cursor.Number(8))];
            Place(child, stored, mask, origin, sizes, bytes, content);
        }
    }

    private void ReadNew(H5Cursor layout, int flags, long[] sizes, int bytes, byte[] content)
    {
        int kind = layout.Byte();
        long stored = bytes;
        long mask = 0;
        switch (kind)
        {
            case SingleChunk:
                if ((flags & 2) != 0)
                    (stored, mask) = (layout.Length(), layout.UInt32());
                Place(layout.Offset(), stored, mask, new long[shape.Rank], sizes, bytes, content);
                break;
            case Implicit:
                long first = layout.Offset();
                foreach (var (origin, index) in Origins(sizes).Select((origin, index) => (origin, index)))
                    Place(first + ((long)index * bytes), bytes, mask, origin, sizes, bytes, content);
                break;
            case FixedArray:
                layout.Byte();
                ReadFixedArray(layout.Offset(), sizes, bytes, content);
                break;
            default:
                throw file.Unsupported($"an index of chunks of kind {kind} (dataset '{path}')");
        }
    }

    private void ReadFixedArray(long address, long[] sizes, int bytes, byte[] content)
    {
        if (file.IsUndefined(address))
            return;
        H5Cursor head = file.Block(address, 8 + file.LengthSize + file.OffsetSize, "FAHD"u8);
        head.Byte();
        bool isPacked = head.Byte() == 1;
        int entrySize = head.Byte();
        int pageBits = head.Byte();
        long count = head.Length();
        long block = head.Offset();
        if (file.IsUndefined(block))
            return;
        if (count < 0 || pageBits > 30 || count > 1L << pageBits)
            throw file.Unsupported($"an index of chunks in pages (dataset '{path}')");
        H5Cursor entries = file.Block(block, 6 + file.OffsetSize + (count * entrySize), "FADB"u8);
        entries.Skip(2 + file.OffsetSize);
        foreach (long[] origin in Origins(sizes).Take((int)count))
        {
            long chunk = entries.Offset();
            long stored = isPacked ? entries.Number(Math.Max(0, entrySize - file.OffsetSize - 4)) : bytes;
            Place(chunk, stored, isPacked ? entries.UInt32() : 0, origin, sizes, bytes, content);
        }
    }

    /// <summary>Where the chunks begin, the last axis first.</summary>
    private IEnumerable<long[]> Origins(long[] sizes)
    {
        int rank = shape.Rank;
        long[] origin = new long[rank];
        while (true)
        {
            file.Visit();
            yield return [.. origin];
            int axis = rank - 1;
            for (; axis >= 0; axis--)
            {
                origin[axis] += sizes[axis];
                if (origin[axis] < shape[axis])
                    break;
                origin[axis] = 0;
            }
            if (axis < 0)
                yield break;
        }
    }

    private void Place(long address, long stored, long mask, long[] origin, long[] sizes, int bytes, byte[] content)
    {
        if (file.IsUndefined(address))
            return;
        ReadOnlyMemory<byte> chunk = file.At(address, stored);
        for (int i = filters.Length - 1; i >= 0; i--)
        {
            if ((mask & (1L << i)) == 0)
                chunk = filters[i].Undo(file, chunk, bytes, elementSize);
        }
        if (chunk.Length < bytes)
            throw file.Damaged($"a chunk of dataset '{path}' is cut");
        Copy(chunk.Span, 0, 0, 0, origin, sizes, content);
    }

    private void Copy(ReadOnlySpan<byte> chunk, int axis, long from, long to, long[] origin, long[] sizes, byte[] content)
    {
        if (axis == shape.Rank)
        {
            chunk.Slice((int)from * elementSize, elementSize).CopyTo(content.AsSpan((int)to * elementSize));
            return;
        }
        if (origin[axis] < 0)
            throw file.Damaged($"a chunk of dataset '{path}' is outside of it");
        long count = Math.Min(sizes[axis], shape[axis] - origin[axis]);
        if (axis == shape.Rank - 1 && count > 0)
        {
            int start = (int)((from * sizes[axis]) * elementSize);
            chunk.Slice(start, (int)count * elementSize).CopyTo(content.AsSpan((int)(((to * shape[axis]) + origin[axis]) * elementSize)));
            return;
        }
        for (long i = 0; i < count; i++)
            Copy(chunk, axis + 1, (from * sizes[axis]) + i, (to * shape[axis]) + origin[axis] + i, origin, sizes, content);
    }
}
