using System.Buffers;
using Microsoft.Win32.SafeHandles;
using TransformFramework.ModelFiles;

namespace TransformFramework.Toolkit.ModelFiles;

/// <summary>A stretch of a mapped file as memory.</summary>
public sealed unsafe class MappedMemory(MappedFile source, long offset, int length) : MemoryManager<byte>, IPagedMemory
{
    /// <summary>The file under the map, to read from without touching the map's pages.</summary>
    public SafeFileHandle File => source.File;

    /// <summary>Offset of the first byte in the file.</summary>
    public long Offset => offset;

    public override Span<byte> GetSpan() => new(source.Address + offset, length);

    public override MemoryHandle Pin(int elementIndex = 0) => new(source.Address + offset + elementIndex);

    /// <inheritdoc/>
    public void Release(int start, int length) => MappedPages.Release(source.Address + offset + start, length);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
