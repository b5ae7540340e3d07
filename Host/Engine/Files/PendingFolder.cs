using Microsoft.Win32.SafeHandles;
using TransformFramework.ModelFiles;

namespace TransformFramework.Engine.Files;

/// <summary>A folder that is written beside its place and takes it when it is complete.</summary>
internal sealed class PendingFolder : ModelSink, IDisposable
{
    private static readonly string[] ModelFiles = ["saved_model.pb", "saved_model.pbtxt"];

    private readonly string target;
    private readonly string temporary;
    private readonly List<PendingEntry> files = [];
    private bool isReplaced;

    /// <summary>Begins a folder.</summary>
    /// <param name="path">Where it goes.</param>
    public PendingFolder(string path)
    {
        Check(path);
        target = OutputPath.Target(path);
        temporary = $"{target}.{Guid.NewGuid():N}.tmp";
        TemporaryPaths.Add(temporary);
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
        if (files.Exists(file => file.Name == name))
            throw new IOException($"'{name}' is written twice");
        SafeFileHandle? unnamed = UnnamedFile.TryCreate(Path.GetDirectoryName(target)!);
        files.Add(new(name, unnamed, unnamed is null ? CreateNamed(name) : new FileStream(UnnamedFile.Duplicate(unnamed), FileAccess.Write)));
        return files[^1].Stream;
    }

    /// <summary>Flushes all files to disk and closes them.</summary>
    public void Complete()
    {
        foreach (var (name, unnamed, stream) in files)
        {
            stream.Dispose();
            if (unnamed is null)
                DiskFlush.File(Path.Combine(temporary, name));
            else
                DiskFlush.File(unnamed);
            Length += unnamed is null ? new FileInfo(Path.Combine(temporary, name)).Length : RandomAccess.GetLength(unnamed);
        }
    }

    /// <summary>Puts the complete folder in its place. The temporary one has a name only for the moment that this takes, so what may wait for the disk comes after it.</summary>
    public void Replace()
    {
        Directory.CreateDirectory(temporary);
        foreach (var (name, unnamed, _) in files)
        {
            if (unnamed is not null && !UnnamedFile.TryName(unnamed, PathOf(name)))
                throw new IOException($"no file can be made at '{PathOf(name)}'");
        }
        string? old = !Directory.Exists(target) ? null : FolderExchange.TryExchange(temporary, target) ? temporary : SetAside();
        if (old != temporary)
            Take(old);
        isReplaced = true;
        if (old is not null)
            Directory.Delete(old, recursive: true);
        TemporaryPaths.Remove(temporary);
        StaleTemporaries.Remove(target);
        foreach (string written in Directory.EnumerateDirectories(target, "*", SearchOption.AllDirectories).Append(target).Append(Path.GetDirectoryName(target)!))
            DiskFlush.Folder(written);
    }

    /// <summary>Removes the temporary folder unless it has taken its place.</summary>
    public void Dispose()
    {
        foreach (PendingEntry file in files)
        {
            file.Stream.Dispose();
            file.Unnamed?.Dispose();
        }
        if (!isReplaced && Directory.Exists(temporary))
            Directory.Delete(temporary, recursive: true);
    }

    private string SetAside()
    {
        string old = $"{target}.{Guid.NewGuid():N}.old";
        Directory.Move(target, old);
        return old;
    }

    /// <summary>Moves the temporary folder to its place; what was there before comes back when that fails.</summary>
    private void Take(string? old)
    {
        try
        {
            Directory.Move(temporary, target);
        }
        catch when (old is not null)
        {
            Directory.Move(old, target);
            throw;
        }
    }

    private FileStream CreateNamed(string name) => new(PathOf(name), FileMode.CreateNew, FileAccess.Write, FileShare.None);

    /// <summary>The path of a file in the temporary folder, for which its folders are made.</summary>
    private string PathOf(string name)
    {
        string path = Path.Combine(temporary, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }

    /// <summary>A file of the folder; where the system has files without a name, it has none until the folder is complete.</summary>
    private readonly record struct PendingEntry(string Name, SafeFileHandle? Unnamed, FileStream Stream);
}
