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

    public override ReadOnlyMemory<byte> Slice(long from, int count) => file.Slice(Checked(from, count), count);

    public override ReadOnlyMemory<byte> View(long from, int count) => file.View(Checked(from, count), count);

    /// <summary>Where a part begins in the other file.</summary>
    private long Checked(long from, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, length - from);
        return offset + from;
    }

    protected override void Dispose(bool disposing)
    {
    }
}
