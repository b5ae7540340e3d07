using System.Buffers;
using System.Runtime.InteropServices;
using TransformFramework.ModelFiles;

namespace TransformFramework.Toolkit.ModelFiles;

/// <summary>A long stretch of a streamed file: in memory from when it is first looked at until it is given back.</summary>
internal sealed unsafe class StreamedMemory(StreamedFile file, long offset, int length) : MemoryManager<byte>, IDeferredMemory, IPagedMemory
{
    private volatile byte[]? bytes;

    public bool IsAtHand => bytes is not null;

    /// <summary>All of it, which does not read it.</summary>
    public override Memory<byte> Memory => CreateMemory(length);

    public override Span<byte> GetSpan() => bytes ??= file.Read(offset, length);

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        byte[] pinned = bytes ??= file.Read(offset, length);
        var handle = GCHandle.Alloc(pinned, GCHandleType.Pinned);
        return new((byte*)handle.AddrOfPinnedObject() + elementIndex, handle);
    }

    public void Read(int start, Span<byte> target) => file.Read(offset + start, target);

    public ReadOnlyMemory<byte> Peek(int start) => file.Peek(offset + start);

    public ReadOnlyMemory<byte> Part(int start, int partLength) => file.View(offset + start, partLength);

    /// <summary>Lets go of all bytes; spans of them stay as they are.</summary>
    public void Release(int start, int releasedLength) => bytes = null;

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
