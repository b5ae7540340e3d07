using TransformFramework.ModelFiles;

namespace TransformFramework.Engine.Files;

/// <summary>A folder that is written beside its place and takes it when it is complete.</summary>
internal sealed class PendingFolder : ModelSink, IDisposable
{
    private static readonly string[] ModelFiles = ["saved_model.pb", "saved_model.pbtxt"];

    private readonly string target;
    private readonly string temporary;
    private readonly List<FileStream> files = [];
    private bool isReplaced;

    /// <summary>Creates the temporary folder.</summary>
    public PendingFolder(string path)
    {
        Check(path);
        target = OutputPath.Target(path);
        temporary = $"{target}.{Guid.NewGuid():N}.tmp";
        TemporaryPaths.Add(temporary);
        Directory.CreateDirectory(temporary);
    }

    public override string Name => Path.GetFileName(target);

    public override Stream Main => throw new NotSupportedException("a folder has no main file; create one by name");

    /// <summary>Size of all files, known when complete.</summary>
    public long Length { get; private set; }

    /// <summary>Refuses a path at which no folder can be put: a file, a folder that holds something else than a model, a missing or read-only parent.</summary>
    /// <exception cref="ModelFormatException">No folder can be put there.</exception>
    public static void Check(string path) => AtomicFile.Guard(path, () =>
    {
        string full = OutputPath.Target(path);
        if (File.Exists(full))
            throw new IOException("it is a file, not a folder");
        if (Directory.Exists(full) && Directory.EnumerateFileSystemEntries(full).Any() && !Array.Exists(ModelFiles, name => File.Exists(Path.Combine(full, name))))
            throw new IOException("the folder holds something else than a SavedModel");
        string parent = Path.GetDirectoryName(full) ?? full;
        if (!Directory.Exists(parent))
            throw new IOException($"there is no folder '{parent}'");
        OutputPath.CheckFolder(parent);
        return 0;
    });

    public override Stream Create(string name)
    {
        RelativeName.Check(name);
        string path = Path.Combine(temporary, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        files.Add(stream);
        return stream;
    }

    /// <summary>Flushes all files to disk and closes them.</summary>
    public void Complete()
    {
        foreach (FileStream file in files)
        {
            if (file.CanWrite)
                file.Flush(flushToDisk: true);
            file.Dispose();
        }
        Length = new DirectoryInfo(temporary).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
    }

    /// <summary>Puts the complete folder in its place.</summary>
    public void Replace()
    {
        string? old = null;
        if (Directory.Exists(target))
        {
            old = $"{target}.{Guid.NewGuid():N}.old";
            Directory.Move(target, old);
        }
        try
        {
            Directory.Move(temporary, target);
        }
        catch when (old is not null)
        {
            Directory.Move(old, target);
            throw;
        }
        isReplaced = true;
        TemporaryPaths.Remove(temporary);
        FolderFlush.Flush(Path.GetDirectoryName(target)!);
        if (old is not null)
            Directory.Delete(old, recursive: true);
    }

    /// <summary>Removes the temporary folder unless it has taken its place.</summary>
    public void Dispose()
    {
        foreach (FileStream file in files)
            file.Dispose();
        if (!isReplaced && Directory.Exists(temporary))
            Directory.Delete(temporary, recursive: true);
    }
}
