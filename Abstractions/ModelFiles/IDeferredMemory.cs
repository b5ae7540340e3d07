namespace TransformFramework.ModelFiles;

/// <summary>A memory manager of bytes that are in a file until they are looked at, for readers that look at few of them.</summary>
public interface IDeferredMemory
{
    /// <summary>True while the bytes are in memory.</summary>
    bool IsAtHand { get; }

    /// <summary>Reads some bytes into other memory without keeping them here.</summary>
    /// <param name="start">The first byte.</param>
    /// <param name="target">Receives them.</param>
    /// <exception cref="ModelFormatException">The file cannot be read.</exception>
    void Read(int start, Span<byte> target);

    /// <summary>Some bytes from a position on, one at least, without reading all of them.</summary>
    /// <param name="start">The first byte.</param>
    ReadOnlyMemory<byte> Peek(int start);

    /// <summary>A part as memory of its own, which is read without the rest.</summary>
    /// <param name="start">The first byte.</param>
    /// <param name="length">Number of bytes.</param>
    ReadOnlyMemory<byte> Part(int start, int length);
}
