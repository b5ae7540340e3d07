using System.Buffers;
using System.Runtime.InteropServices;
using TransformFramework.ModelFiles;

namespace TransformFramework.Toolkit.ModelFiles;

/// <summary>Gives back what was read of files: a model's weights need not be in memory as a file beside what was made of them.</summary>
public static unsafe partial class MappedPages
{
    /// <summary>Less is not worth a system call.</summary>
    private const int Least = 1 << 16;

    /// <summary>MADV_DONTNEED of Linux.</summary>
    private const int DontNeed = 4;

    /// <summary>Gives back some memory, where it is that of a mapped or streamed file; what reads it later gets it from the file again.</summary>
    public static void Release(ReadOnlyMemory<byte> memory)
    {
        if (memory.Length >= Least && MemoryMarshal.TryGetMemoryManager<byte, MemoryManager<byte>>(memory, out var manager, out int start, out int length) && manager is IPagedMemory paged)
            paged.Release(start, length);
    }

    /// <summary>Reads memory of a streamed file into a buffer, which is made longer where it is too short, without keeping the bytes in that memory.</summary>
    /// <returns>The bytes in the buffer; null where they are at hand without being read.</returns>
    /// <exception cref="ModelFormatException">The file cannot be read.</exception>
    public static ReadOnlyMemory<byte>? TryRead(ReadOnlyMemory<byte> memory, ref byte[] buffer)
    {
        if (!MemoryMarshal.TryGetMemoryManager<byte, MemoryManager<byte>>(memory, out var manager, out int start, out int length) || manager is not IDeferredMemory { IsAtHand: false } deferred)
            return null;
        if (buffer.Length < length)
        {
            Discard(buffer);
            buffer = GC.AllocateUninitializedArray<byte>(length);
        }
        deferred.Read(start, buffer.AsSpan(0, length));
        return buffer.AsMemory(0, length);
    }

    /// <summary>Gives back the pages of an array whose contents nobody needs any more; the collector would keep them until it next runs. What is read of it later is undefined.</summary>
    public static void Discard(byte[] buffer)
    {
        if (buffer.Length < Least)
            return;
        fixed (byte* address = buffer)
            Release(address, buffer.Length);
    }

    /// <summary>Reads memory of a streamed file into other memory of the same length, without keeping the bytes in that memory.</summary>
    /// <returns>False where the bytes are at hand without being read, or are not as many.</returns>
    /// <exception cref="ModelFormatException">The file cannot be read.</exception>
    public static bool TryRead(ReadOnlyMemory<byte> memory, Span<byte> target)
    {
        if (memory.Length != target.Length || !MemoryMarshal.TryGetMemoryManager<byte, MemoryManager<byte>>(memory, out var manager, out int start, out _) || manager is not IDeferredMemory { IsAtHand: false } deferred)
            return false;
        deferred.Read(start, target);
        return true;
    }

    /// <summary>Gives back the whole pages of a map. Systems other than Linux do so by themselves when memory is short.</summary>
    internal static void Release(byte* address, int length)
    {
        if (!OperatingSystem.IsLinux())
            return;
        nuint page = (nuint)Environment.SystemPageSize;
        nuint start = ((nuint)address + page - 1) / page * page;
        nuint end = ((nuint)address + (nuint)length) / page * page;
        if (end > start)
            _ = Advise(start, end - start, DontNeed);
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Advise(nuint address, nuint length, int advice);
}
