namespace TransformFramework.Servers.Mcp;

/// <summary>The folders that a client's paths may lead into. Links are followed before a path is judged.</summary>
public sealed class AllowedFolders
{
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

    /// <summary>The same for a path with options behind a question mark, as samples have.</summary>
    /// <exception cref="UnauthorizedAccessException">It leads out of the folders.</exception>
    public string ResolveData(string data)
    {
        ArgumentNullException.ThrowIfNull(data);
        string path = data.Split('?')[0];
        return Resolve(path) + data[path.Length..];
    }

    private static bool IsWithin(string path, string root) => path == root || path.StartsWith(Path.EndsInDirectorySeparator(root) ? root : root + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>The path with every link in it followed; parts that do not exist stay.</summary>
    private static string Resolved(string path)
    {
        string? parent = Path.GetDirectoryName(path);
        if (parent is null)
            return path;
        string here = Path.Combine(Resolved(parent), Path.GetFileName(path));
        FileSystemInfo entry = Directory.Exists(here) ? new DirectoryInfo(here) : new FileInfo(here);
        return entry.LinkTarget is null ? here : Path.GetFullPath(entry.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? Path.Combine(Path.GetDirectoryName(here)!, entry.LinkTarget));
    }
}
