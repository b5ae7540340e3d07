namespace TransformFramework.ModelFiles;

/// <summary>
/// Where a model lives: a file with siblings, a folder, or an archive that holds one of both. The host opens it and keeps it open as long as the model that was read from it, so that tensors
/// may be views of its files.
/// </summary>
public abstract class ModelSource : IDisposable
{
    /// <summary>The path as the user gave it, for messages.</summary>
    public abstract string Path { get; }

    /// <summary>The file that the path names; null for a folder.</summary>
    public abstract ModelSourceFile? Main { get; }

    /// <summary>Names of the files in the folder and below it, or beside <see cref="Main"/> (itself included): relative, with <c>/</c> between parts, in ordinal order.</summary>
    public abstract IReadOnlyList<string> Names { get; }

    /// <summary>True for a folder, or an archive that holds more than a file.</summary>
    public bool IsFolder => Main is null;

    /// <summary>Opens one of the files; the source owns it.</summary>
    /// <param name="name">Path relative to the folder (of <see cref="Main"/>), with <c>/</c> between parts.</param>
    /// <returns>The file, or null when there is none of that name.</returns>
    /// <exception cref="ModelFormatException">The name leads out of the folder, or the file cannot be read.</exception>
    public abstract ModelSourceFile? Find(string name);

    /// <summary>Closes every file; memory that was handed out must not be used any more.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc cref="Dispose()"/>
    protected abstract void Dispose(bool disposing);
}

/// <summary>One file of a model source, which may be longer than one <see cref="ReadOnlyMemory{T}"/> can address.</summary>
public abstract class ModelSourceFile : IDisposable
{
    /// <summary>The file's name for messages.</summary>
    public abstract string Name { get; }

    /// <summary>Size in bytes.</summary>
    public abstract long Length { get; }

    /// <summary>A stretch of the bytes; not copied where the file is mapped or in memory.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The stretch is not in the file.</exception>
    public abstract ReadOnlyMemory<byte> Slice(long offset, int length);

    /// <summary>
    /// A stretch of the bytes for readers that look at few of them: long stretches may be <see cref="IDeferredMemory"/>, which is read from the file when it is looked at, and once more after it was given back
    /// (<see cref="IPagedMemory"/>).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The stretch is not in the file.</exception>
    public virtual ReadOnlyMemory<byte> View(long offset, int length) => Slice(offset, length);

    /// <summary>A seekable stream over the whole file.</summary>
    public virtual Stream OpenRead() => new ModelSourceStream(this);

    /// <summary>Closes the file; memory that was handed out must not be used any more.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc cref="Dispose()"/>
    protected abstract void Dispose(bool disposing);
}
