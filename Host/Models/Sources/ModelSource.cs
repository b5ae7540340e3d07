namespace TransformFramework.Host.Models.Sources;

/// <summary>The bytes of a model, which may be more than one <see cref="ReadOnlyMemory{T}"/> can address.</summary>
internal abstract class ModelSource : IDisposable
{
    public abstract long Length { get; }

    /// <summary>A stretch of the bytes, not copied.</summary>
    public abstract ReadOnlyMemory<byte> Slice(long offset, int length);

    public abstract void Dispose();
}
