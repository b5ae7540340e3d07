using TransformFramework.Workflows.Data;

namespace TransformFramework.Servers.Mcp;

/// <summary>The folders that a client's paths may lead into. Links are followed before a path is judged.</summary>
public sealed class AllowedFolders
{
    private const int MostDepth = 64;

    /// <summary>As many links in a row are followed, as Linux does.</summary>
    private const int MostLinks = 40;

    private readonly string[] roots;

    /// <param name="roots">The folders; relative paths of clients count from the first.</param>
    /// <exception cref="DirectoryNotFoundException">A folder does not exist.</exception>
    public AllowedFolders(IReadOnlyList<string> roots)
    {
        ArgumentNullException.ThrowIfNull(roots);
        ArgumentOutOfRangeException.ThrowIfZero(roots.Count);
        foreach (string root in roots)
        {
            if (!Directory.Exists(root))
                throw new DirectoryNotFoundException($"there is no folder '{root}'");
        }
        this.roots = [.. roots.Select(root => Resolved(Path.GetFullPath(root)))];
    }

    /// <summary>The folders, without links.</summary>
    public IReadOnlyList<string> Roots => roots;

    /// <summary>The full path that a client's path leads to.</summary>
    /// <exception cref="UnauthorizedAccessException">It leads out of the folders.</exception>
    public string Resolve(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        string resolved = Resolved(Path.GetFullPath(path, roots[0]));
        return Array.Exists(roots, root => IsWithin(resolved, root))
            ? resolved
            : throw new UnauthorizedAccessException($"'{path}' is outside of the folders that this server may use: {string.Join(", ", roots)}");
    }

    /// <summary>The same for a model, which may be a folder: no link in it leads out.</summary>
    /// <exception cref="UnauthorizedAccessException">It, or a link in it, leads out of the folders.</exception>
    public string ResolveModel(string path)
    {
        string resolved = Resolve(path);
        if (!Directory.Exists(resolved))
            return resolved;
        var everything = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = MostDepth, AttributesToSkip = FileAttributes.None };
        foreach (FileSystemInfo entry in new DirectoryInfo(resolved).EnumerateFileSystemInfos("*", everything).Where(entry => entry.LinkTarget is not null))
            Resolve(entry.FullName);
        return resolved;
    }

    /// <summary>The same for samples: a path with options behind a question mark. What a list or folder holds lies within the folders, too.</summary>
    /// <exception cref="UnauthorizedAccessException">It leads out of the folders, or to a network.</exception>
    /// <exception cref="FeedException">There is nothing to read.</exception>
    public string ResolveData(string data)
    {
        ArgumentNullException.ThrowIfNull(data);
        string path = data.Split('?')[0];
        string resolved = (path.StartsWith('@') ? "@" : "") + Resolve(path.TrimStart('@'));
        foreach (SampleSource source in SampleSources.Of(resolved))
        {
            if (source.IsRemote)
                throw new UnauthorizedAccessException($"'{path}' names '{source.Name}', and this server reads no addresses: only {string.Join(", ", roots)}");
            Resolve(source.Location);
        }
        return resolved + data[path.Length..];
    }

    private static bool IsWithin(string path, string root) => path == root || path.StartsWith(Path.EndsInDirectorySeparator(root) ? root : root + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>The path with every link in it followed, those in the targets of links included; parts that do not exist stay.</summary>
    private static string Resolved(string path, int links = 0)
    {
        string? parent = Path.GetDirectoryName(path);
        if (parent is null)
            return path;
        string here = Path.Combine(Resolved(parent, links), Path.GetFileName(path));
        FileSystemInfo entry = Directory.Exists(here) ? new DirectoryInfo(here) : new FileInfo(here);
        if (entry.LinkTarget is not { } target)
            return here;
        return links < MostLinks ? Resolved(Path.GetFullPath(target, Path.GetDirectoryName(here)!), links + 1) : throw new UnauthorizedAccessException($"'{path}' is a link of more than {MostLinks} links");
    }
}
