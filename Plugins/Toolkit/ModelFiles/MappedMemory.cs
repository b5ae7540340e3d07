using System.Buffers;
using TransformFramework.ModelFiles;

namespace TransformFramework.Toolkit.ModelFiles;

/// <summary>A stretch of a mapped file as memory.</summary>
public sealed unsafe class MappedMemory(MappedFile source, long offset, int length) : MemoryManager<byte>, IPagedMemory
{
    /// <summary>Offset of the first byte in the file.</summary>
    public long Offset => offset;

    public override Span<byte> GetSpan() => new(source.Address + offset, length);

    public override MemoryHandle Pin(int elementIndex = 0) => new(source.Address + offset + elementIndex);

    /// <summary>Reads from the file under the map, which leaves the map's pages alone.</summary>
    /// <exception cref="EndOfStreamException">The file became shorter.</exception>
    public void Read(int start, Span<byte> target)
    {
        for (int count, at = 0; at < target.Length; at += count)
        {
            count = RandomAccess.Read(source.File, target[at..], offset + start + at);
            if (count == 0)
                throw new EndOfStreamException("the input file became shorter while it was read");
        }
    }

    /// <inheritdoc/>
    public void Release(int start, int length) => MappedPages.Release(source.Address + offset + start, length);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
