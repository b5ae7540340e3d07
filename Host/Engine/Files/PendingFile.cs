using Microsoft.Win32.SafeHandles;

namespace TransformFramework.Engine.Files;

/// <summary>A file that is written beside its place and takes it when it is complete. Where the system has files without a name, it has none until then, and a process that is killed leaves nothing.</summary>
internal sealed class PendingFile : IDisposable
{
    private readonly string target;
    private readonly string temporary;
    private readonly SafeFileHandle? unnamed;
    private readonly FileStream stream;
    private bool isComplete;
    private bool isReplaced;

    /// <summary>Creates the temporary file.</summary>
    /// <exception cref="IOException">The folder is missing or has no room.</exception>
    public PendingFile(string path)
    {
        target = OutputPath.Target(path);
        temporary = $"{Shortened(target)}.{Guid.NewGuid():N}.tmp";
        TemporaryPaths.Add(temporary);
        unnamed = UnnamedFile.TryCreate(Path.GetDirectoryName(target)!);
        stream = unnamed is null
            ? new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0)
            : new FileStream(UnnamedFile.Duplicate(unnamed), FileAccess.Write, bufferSize: 0);
    }

    /// <summary>Where the content is written.</summary>
    public Stream Stream => stream;

    /// <summary>Number of bytes, known when complete.</summary>
    public long Length { get; private set; }

    /// <summary>Flushes the content to disk and closes the stream.</summary>
    public void Complete()
    {
        if (isComplete)
            return;
        isComplete = true;
        stream.Dispose();
        if (unnamed is null)
            DiskFlush.File(temporary);
        else
            DiskFlush.File(unnamed);
        Length = unnamed is null ? new FileInfo(temporary).Length : RandomAccess.GetLength(unnamed);
        if (OperatingSystem.IsWindows() || !File.Exists(target))
            return;
        if (unnamed is null)
            File.SetUnixFileMode(temporary, File.GetUnixFileMode(target));
        else
            File.SetUnixFileMode(unnamed, File.GetUnixFileMode(target));
    }

    /// <summary>Puts the complete file in its place.</summary>
    public void Replace()
    {
        bool isNamed = unnamed is not null && !File.Exists(target) && UnnamedFile.TryName(unnamed, target);
        if (!isNamed)
        {
            if (unnamed is not null && !UnnamedFile.TryName(unnamed, temporary))
                throw new IOException($"no file can be made at '{temporary}'");
            File.Move(temporary, target, overwrite: true);
        }
        isReplaced = true;
        TemporaryPaths.Remove(temporary);
        if (unnamed is null)
            StaleTemporaries.Remove(target);
        DiskFlush.Folder(Path.GetDirectoryName(target)!);
    }

    /// <summary>Removes the temporary file unless it has taken its place.</summary>
    public void Dispose()
    {
        stream.Dispose();
        unnamed?.Dispose();
        if (isReplaced)
            return;
        File.Delete(temporary);
        TemporaryPaths.Remove(temporary);
    }

    /// <summary>File systems take names of up to 255 bytes, and the temporary one is longer than the file's.</summary>
    private static string Shortened(string path)
    {
        const int MostBytes = 200;
        string name = Path.GetFileName(path);
        while (System.Text.Encoding.UTF8.GetByteCount(name) > MostBytes)
            name = name[..^1];
        return Path.Combine(Path.GetDirectoryName(path)!, name);
    }
}
