using TransformFramework.ModelFiles;

namespace TransformFramework.Toolkit.ModelFiles;

/// <summary>Bytes in memory: small files, pipes.</summary>
public sealed class BufferedFile(ReadOnlyMemory<byte> bytes, string name) : ModelSourceFile
{
    public override string Name => name;

    public override long Length => bytes.Length;

    public override ReadOnlyMemory<byte> Slice(long offset, int length) => bytes.Slice(checked((int)offset), length);

    protected override void Dispose(bool disposing)
    {
    }
}
