using System.Buffers.Binary;
using TransformFramework.ModelFiles;

namespace TransformFramework.Keras.Hdf5;

/// <summary>The bytes of an HDF5 file by address, and how wide its addresses and lengths are. Whatever is outside of the file is refused, and so is following more blocks than a file can hold.</summary>
internal sealed class H5Bytes(ModelSourceFile file, string name, long start)
{
    /// <summary>Bytes of the file for each block that may be visited, and blocks that even a small file may have.</summary>
    private const int BytesOfBlock = 4;

    private const int LeastBlocks = 1 << 16;

    private long left = (file.Length / BytesOfBlock) + LeastBlocks;

    /// <summary>Bytes of an address.</summary>
    public int OffsetSize { get; set; } = 8;

    /// <summary>Bytes of a length.</summary>
    public int LengthSize { get; set; } = 8;

    /// <summary>Added to every address: where the superblock is.</summary>
    public long Base { get; set; } = start;

    /// <summary>Size of the file.</summary>
    public long FileLength => file.Length;

    /// <summary>An address that leads nowhere.</summary>
    public bool IsUndefined(long address) => address < 0 || (OffsetSize < 8 && address == (1L << (8 * OffsetSize)) - 1);

    /// <summary>A stretch of the file, not copied.</summary>
    /// <exception cref="KerasException">It is not in the file.</exception>
    public ReadOnlyMemory<byte> At(long address, long length)
    {
        if (address < 0 || length < 0 || length > int.MaxValue || address > file.Length - Base - length)
            throw Damaged($"{length} bytes at {address} are not in the file");
        return file.Slice(Base + address, (int)length);
    }

    /// <summary>A cursor over a stretch of the file.</summary>
    public H5Cursor Cursor(long address, long length) => new(this, At(address, length));

    /// <summary>A cursor behind the four letters that a block begins with.</summary>
    /// <exception cref="KerasException">It begins with others.</exception>
    public H5Cursor Block(long address, long length, ReadOnlySpan<byte> signature)
    {
        Visit();
        H5Cursor cursor = Cursor(address, length);
        if (!cursor.Bytes(4).Span.SequenceEqual(signature))
            throw Damaged($"the block at {address} is not of the kind that it should be");
        return cursor;
    }

    /// <summary>Counts a block.</summary>
    /// <exception cref="KerasException">There were too many: the file leads in circles.</exception>
    public void Visit()
    {
        if (--left < 0)
            throw Damaged("its blocks lead in circles");
    }

    /// <summary>A refusal.</summary>
    public KerasException Damaged(string what) => new(KerasDiagnostics.DamagedFile, $"{name} is damaged or cut: {what}");

    /// <summary>A refusal of something that is well-formed.</summary>
    public KerasException Unsupported(string what) => new(KerasDiagnostics.DamagedFile, $"{name} uses {what}, which is not read", "Save the model again with Keras' own functions.");
}

/// <summary>Reads numbers one after the other.</summary>
internal sealed class H5Cursor(H5Bytes file, ReadOnlyMemory<byte> bytes)
{
    private int position;

    /// <summary>Bytes that are left.</summary>
    public int Left => bytes.Length - position;

    /// <summary>Bytes read so far.</summary>
    public int Position => position;

    /// <summary>The next bytes.</summary>
    /// <exception cref="KerasException">There are not so many.</exception>
    public ReadOnlyMemory<byte> Bytes(long count)
    {
        if (count < 0 || count > Left)
            throw file.Damaged("a block ends too early");
        position += (int)count;
        return bytes.Slice(position - (int)count, (int)count);
    }

    public void Skip(long count) => Bytes(count);

    public int Byte() => Bytes(1).Span[0];

    public int UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2).Span);

    public long UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4).Span);

    /// <summary>A number of a given width; what does not fit in 63 bits is negative.</summary>
    public long Number(int size)
    {
        ReadOnlySpan<byte> source = Bytes(size).Span;
        ulong value = 0;
        for (int i = Math.Min(size, 8) - 1; i >= 0; i--)
            value = (value << 8) | source[i];
        return (long)value;
    }

    /// <summary>An address.</summary>
    public long Offset() => Number(file.OffsetSize);

    /// <summary>A length.</summary>
    public long Length() => Number(file.LengthSize);
}
