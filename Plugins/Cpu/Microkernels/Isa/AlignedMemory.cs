namespace TransformFramework.Cpu.Microkernels.Isa;

/// <summary>Zeroed memory that the garbage collector frees but never moves, aligned to cache lines. Some bytes past the end may be read, so that vectors may overhang.</summary>
internal sealed unsafe class AlignedMemory
{
    /// <summary>Bytes past the end that may be read.</summary>
    public const int Slack = 512;

    private const int Alignment = MicrokernelContract.CacheLine;

    /// <summary>Bytes of the largest memory.</summary>
    public const long MaxBytes = int.MaxValue - Slack - Alignment;

    // Keeps the memory alive.
    private readonly byte[] memory;

    /// <exception cref="OverflowException">More than 2 GiB.</exception>
    public AlignedMemory(long bytes)
    {
        memory = GC.AllocateArray<byte>(checked((int)(bytes + Slack + Alignment)), pinned: true);
        byte* start = (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(memory));
        Pointer = (byte*)(((nint)start + Alignment - 1) & -Alignment);
        Length = bytes;
        LargePages.Advise(start, memory.Length);
    }

    private AlignedMemory(byte[] memory, byte* pointer, long bytes)
    {
        this.memory = memory;
        Pointer = pointer;
        Length = bytes;
    }

    /// <summary>A part that starts at a cache line; what follows it is this memory's own, or its slack.</summary>
    public AlignedMemory Part(int start, int bytes) => start % Alignment == 0 && start + (long)bytes <= Length
        ? new(memory, Pointer + start, bytes)
        : throw new ArgumentOutOfRangeException(nameof(start));

    /// <summary>A copy of values.</summary>
    public static AlignedMemory Of<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        var copy = new AlignedMemory(sizeof(T) * (long)values.Length);
        values.CopyTo(copy.Span<T>());
        return copy;
    }

    public byte* Pointer { get; }

    public long Length { get; }

    public long AllocatedBytes => memory.Length;

    /// <summary>Some of the bytes, without a copy.</summary>
    public ReadOnlyMemory<byte> Slice(int start, int length)
    {
        fixed (byte* first = memory)
            return memory.AsMemory((int)(Pointer - first) + start, length);
    }

    public Span<T> Span<T>()
        where T : unmanaged => new(Pointer, (int)(Length / sizeof(T)));
}
