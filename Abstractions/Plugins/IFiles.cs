using TransformFramework.ModelFiles;

namespace TransformFramework.Plugins;

/// <summary>The program's one reader and one writer of files, for classes of plugins that ask for it in their constructor. Thread-safe.</summary>
public interface IFiles
{
    /// <summary>Opens a file: a large one is mapped, a small one or a pipe is read.</summary>
    /// <exception cref="ModelFormatException">The file cannot be opened or read.</exception>
    ModelSourceFile Open(string path, CancellationToken cancellation = default);

    /// <summary>Writes a file as a whole or not at all: to a temporary file beside it, which is flushed and renamed.</summary>
    /// <returns>Number of bytes written.</returns>
    /// <exception cref="ModelFormatException">The file system refuses; an existing file is as it was.</exception>
    long Write(string path, Action<Stream> write, CancellationToken cancellation = default);
}
