using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;
using TransformFramework.ModelFiles;

namespace TransformFramework.Toolkit.ModelFiles;

/// <summary>
/// A file mapped into memory. Memory handed out is read-only and fails with <see cref="ObjectDisposedException"/> once the source is disposed;
/// spans taken before must not outlive it.
/// </summary>
public sealed unsafe class MappedFile : ModelSourceFile
{
    private const int WindowBits = 30;

    private readonly FileStream stream;
    private readonly MemoryMappedFile map;
    private readonly MemoryMappedViewAccessor view;
    private readonly MappedMemory[] windows;
    private byte* address;

    /// <summary>Maps a file that is not empty, and takes over the stream.</summary>
    public MappedFile(FileStream stream, string name)
    {
        this.stream = stream;
        Name = name;
        Length = stream.Length;
        map = MemoryMappedFile.CreateFromFile(stream, mapName: null, capacity: 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        view = map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref address);
        address += view.PointerOffset;
        windows = new MappedMemory[(int)((Length - 1) >> WindowBits) + 1];
        for (int i = 0; i < windows.Length; i++)
            windows[i] = Window(i);
    }

    public override string Name { get; }

    public override long Length { get; }

    /// <summary>The open file under the map.</summary>
    public SafeFileHandle File => stream.SafeFileHandle;

    internal byte* Address
    {
        get
        {
            ObjectDisposedException.ThrowIf(address is null, this);
            return address;
        }
    }

    public override ReadOnlyMemory<byte> Slice(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length - offset);
        if (length == 0)
            return default;
        MappedMemory window = windows[offset >> WindowBits];
        long start = offset - window.Offset;
        return start + length <= window.Memory.Length
            ? window.Memory.Slice((int)start, length)
            : new MappedMemory(this, offset, length).Memory;
    }

    protected override void Dispose(bool disposing)
    {
        if (address is null)
            return;
        address = null;
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
        map.Dispose();
        stream.Dispose();
    }

    private MappedMemory Window(int number)
    {
        long offset = (long)number << WindowBits;
        return new(this, offset, (int)Math.Min(Length - offset, int.MaxValue));
    }
}
