using TransformFramework.ModelFiles;

namespace TransformFramework.Toolkit.ModelFiles;

/// <summary>A stretch of another file, which must outlive it.</summary>
/// <param name="file">The other file.</param>
/// <param name="offset">Where the stretch begins.</param>
/// <param name="length">Its length in bytes.</param>
/// <param name="name">Name for messages.</param>
internal sealed class FileStretch(ModelSourceFile file, long offset, long length, string name) : ModelSourceFile
{
    public override string Name => name;

    public override long Length => length;

    public override ReadOnlyMemory<byte> Slice(long from, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, length - from);
        return file.Slice(offset + from, count);
    }

    protected override void Dispose(bool disposing)
    {
    }
}
