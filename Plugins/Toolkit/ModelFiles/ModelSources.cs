using TransformFramework.ModelFiles;

namespace TransformFramework.Toolkit.ModelFiles;

/// <summary>Opens what a path names as a model source.</summary>
public static class ModelSources
{
    private static readonly string[] CheckpointEndings = [".meta", ".index"];

    /// <summary>
    /// Opens a file, a folder, or the files of a checkpoint by their common prefix (<c>model.ckpt</c> for <c>model.ckpt.meta</c> and <c>model.ckpt.index</c>). An archive is opened as the file that it is;
    /// see <see cref="ArchiveSource"/>.
    /// </summary>
    /// <exception cref="ModelFormatException">There is no such file or folder, or it cannot be read.</exception>
    public static ModelSource Open(string path, CancellationToken cancellation)
    {
        if (path.Length > 0 && !System.IO.Path.Exists(path) && Array.Find(CheckpointEndings, ending => File.Exists(path + ending)) is { } found)
            return FileSystemSource.Open(path + found, cancellation);
        return FileSystemSource.Open(path, cancellation);
    }
}
