using TransformFramework.ModelFiles;

namespace TransformFramework.Toolkit.ModelFiles;

/// <summary>A model in the file system: a folder, or a file with what is beside it.</summary>
public sealed class FileSystemSource : ModelSource
{
    /// <summary>Most files that a model's folder may hold; more than that is not a model.</summary>
    public const int MostFiles = 100_000;

    /// <summary>How deep folders may be within a model's folder.</summary>
    private const int Deepest = 64;

    private readonly string folder;
    private readonly CancellationToken cancellation;
    private readonly Dictionary<string, ModelSourceFile> open = new(StringComparer.Ordinal);
    private readonly Lazy<IReadOnlyList<string>> names;

    private FileSystemSource(string path, string folder, ModelSourceFile? main, CancellationToken cancellation)
    {
        Path = path;
        this.folder = folder;
        this.cancellation = cancellation;
        Main = main;
        if (main is not null)
            open[System.IO.Path.GetFileName(path)] = main;
        names = new(List);
    }

    public override string Path { get; }

    public override ModelSourceFile? Main { get; }

    public override IReadOnlyList<string> Names => names.Value;

    /// <summary>Opens a path.</summary>
    /// <exception cref="ModelFormatException">There is no such file or folder, or it cannot be read.</exception>
    public static FileSystemSource Open(string path, CancellationToken cancellation)
    {
        if (Directory.Exists(path))
            return new(path, path, main: null, cancellation);
        return new(path, System.IO.Path.GetDirectoryName(path) is { Length: > 0 } parent ? parent : ".", FileOpener.Open(path, cancellation), cancellation);
    }

    public override ModelSourceFile? Find(string name)
    {
        if (!IsInside(name))
            throw new ModelFormatException(ToolkitDiagnostics.OutsideFolder.Format(name, folder)) { DiagnosticId = ToolkitDiagnostics.OutsideFolder.Id, Suggestion = "A model's files are in its folder; copy the file there and name it without '..'." };
        if (open.TryGetValue(name, out ModelSourceFile? known))
            return known;
        string path = System.IO.Path.Combine(folder, name);
        if (!File.Exists(path))
            return null;
        ModelSourceFile file = FileOpener.Open(path, cancellation);
        open.Add(name, file);
        return file;
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        foreach (ModelSourceFile file in open.Values)
            file.Dispose();
        open.Clear();
    }

    private static bool IsInside(string name) =>
        name.Length > 0 && !System.IO.Path.IsPathRooted(name) && !name.Contains('\\', StringComparison.Ordinal) && !name.Split('/').Any(part => part is "" or "." or "..");

    private IReadOnlyList<string> List()
    {
        var depth = new EnumerationOptions { RecurseSubdirectories = IsFolder, MaxRecursionDepth = Deepest, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.None };
        string[] found = [.. Directory.EnumerateFiles(folder, "*", depth).Take(MostFiles + 1).Select(file => System.IO.Path.GetRelativePath(folder, file).Replace('\\', '/'))];
        if (found.Length > MostFiles && IsFolder)
            throw new ModelFormatException(ToolkitDiagnostics.TooManyFiles.Format(folder, MostFiles)) { DiagnosticId = ToolkitDiagnostics.TooManyFiles.Id, Suggestion = "Give the model's own folder." };
        Array.Sort(found, StringComparer.Ordinal);
        return found;
    }
}
