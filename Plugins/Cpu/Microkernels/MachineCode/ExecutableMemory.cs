using System.IO.MemoryMappedFiles;

namespace TransformFramework.Cpu.Microkernels.MachineCode;

/// <summary>Machine code in memory that may be run but not written: it is written through one view and run through another. Kept as long as the process.</summary>
internal sealed unsafe class ExecutableMemory
{
    // Keeps the mapping alive.
    private readonly MemoryMappedViewAccessor view;

    private ExecutableMemory(MemoryMappedViewAccessor view)
    {
        this.view = view;
        byte* pointer = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        Pointer = pointer + view.PointerOffset;
    }

    public byte* Pointer { get; }

    public long Length => view.Capacity;

    /// <summary>The code ready to run, or null where the system refuses executable memory.</summary>
    public static ExecutableMemory? TryCreate(byte[] code)
    {
        try
        {
            var file = MemoryMappedFile.CreateNew(null, code.Length, MemoryMappedFileAccess.ReadWriteExecute);
            using (MemoryMappedViewAccessor writable = file.CreateViewAccessor(0, code.Length, MemoryMappedFileAccess.ReadWrite))
                writable.WriteArray(0, code, 0, code.Length);
            return new(file.CreateViewAccessor(0, code.Length, MemoryMappedFileAccess.ReadExecute));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or PlatformNotSupportedException or NotSupportedException)
        {
            return null;
        }
    }
}
