using System.IO.Compression;
using TransformFramework.ModelFiles;

namespace TransformFramework.Toolkit.ModelFiles;

/// <summary>
/// A model inside a <c>.zip</c>, <c>.tar</c> or <c>.tar.gz</c>. Nothing is written to the file system by the names in the archive. A common top folder is left out of the names; an archive of one file gives
/// that file as <see cref="Main"/>. Refused are names that lead out of the archive, links, and content that is out of proportion to the archive's size.
/// </summary>
public sealed class ArchiveSource : ModelSource
{
    private readonly ArchiveContent content;
    private readonly string folder;
    private readonly bool ownsContent;
    private readonly Lazy<ModelSourceFile?> main;
    private readonly Dictionary<string, ModelSourceFile> open;

    private ArchiveSource(string path, ArchiveContent content, string folder, string? mainName)
    {
        Path = path;
        this.content = content;
        this.folder = folder;
        ownsContent = true;
        open = new(StringComparer.Ordinal);
        Names = [.. content.Names.Where(name => name.StartsWith(folder, StringComparison.Ordinal)).Select(name => name[folder.Length..]).Order(StringComparer.Ordinal)];
        main = new(() => mainName is null ? null : Find(mainName));
    }

    private ArchiveSource(ArchiveSource parent, string mainName)
    {
        Path = $"{parent.Path}/{mainName}";
        content = parent.content;
        int slash = mainName.LastIndexOf('/') + 1;
        folder = parent.folder + mainName[..slash];
        open = parent.open;
        Names = [.. parent.Names.Where(name => name.StartsWith(mainName[..slash], StringComparison.Ordinal)).Select(name => name[slash..])];
        main = new(() => Find(mainName[slash..]));
    }

    public override string Path { get; }

    public override ModelSourceFile? Main => main.Value;

    public override IReadOnlyList<string> Names { get; }

    /// <summary>Opens an archive; null when a file is none.</summary>
    /// <param name="file">The archive, which stays the caller's and must outlive the source.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <param name="cancellation">Ends the unpacking.</param>
    /// <exception cref="ModelFormatException">The archive is damaged, or holds what is refused.</exception>
    public static ArchiveSource? TryOpen(ModelSourceFile file, string path, CancellationToken cancellation)
    {
        ArchiveContent? opened = ArchiveContent.TryOpen(file, path, cancellation);
        if (opened is null)
            return null;
        if (opened.Names.Count == 0)
        {
            opened.Dispose();
            throw new ModelFormatException($"the archive '{path}' holds no files") { DiagnosticId = ToolkitDiagnostics.BadArchive.Id, Suggestion = "Give an archive that holds a model." };
        }
        string common = CommonFolder(opened.Names);
        return new(path, opened, common, opened.Names.Count == 1 ? opened.Names[0][common.Length..] : null);
    }

    /// <summary>One file of this source as a source of its own, with the others of its folder beside it; it lives as long as this one.</summary>
    public ArchiveSource At(string name) => new(this, name);

    public override ModelSourceFile? Find(string name)
    {
        string full = folder + name;
        if (open.TryGetValue(full, out ModelSourceFile? known))
            return known;
        if (!content.Names.Contains(full))
            return null;
        ModelSourceFile file = content.Open(full);
        open.Add(full, file);
        return file;
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing || !ownsContent)
            return;
        foreach (ModelSourceFile file in open.Values)
            file.Dispose();
        open.Clear();
        content.Dispose();
    }

    private static string CommonFolder(IReadOnlyList<string> names)
    {
        string common = names[0][..(names[0].LastIndexOf('/') + 1)];
        while (common.Length > 0 && !names.All(name => name.StartsWith(common, StringComparison.Ordinal)))
            common = common[..(common.TrimEnd('/').LastIndexOf('/') + 1)];
        return common;
    }
}
