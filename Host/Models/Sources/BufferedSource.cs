namespace TransformFramework.Host.Models.Sources;

/// <summary>Bytes in memory: small files, pipes.</summary>
internal sealed class BufferedSource(ReadOnlyMemory<byte> bytes) : ModelSource
{
    public override long Length => bytes.Length;

    public override ReadOnlyMemory<byte> Slice(long offset, int length) => bytes.Slice((int)offset, length);

    public override void Dispose()
    {
    }
}
