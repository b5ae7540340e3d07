namespace TransformFramework.Engine.Files;

/// <summary>
/// Temporary files and folders that a process which was killed left beside its output. A folder takes another's place with one that has a name, so a kill at that moment leaves the old one under the temporary
/// name, whole; the next output at the same place removes it.
/// </summary>
internal static class StaleTemporaries
{
    /// <summary>Age from which no process can still be at work on a temporary path.</summary>
    public static readonly TimeSpan Age = TimeSpan.FromMinutes(10);

    /// <summary>Removes what was left of earlier outputs at a place; what cannot be removed stays.</summary>
    /// <param name="target">The output, which is in its place.</param>
    public static void Remove(string target)
    {
        string name = Path.GetFileName(target);
        var parent = new DirectoryInfo(Path.GetDirectoryName(target)!);
        try
        {
            foreach (FileSystemInfo entry in parent.EnumerateFileSystemInfos().Where(entry => IsTemporaryOf(name, entry.Name) && IsOld(entry)))
                Remove(entry);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
        }
    }

    /// <summary>Whether a name is the output's with a number of <see cref="Guid"/> and the ending of a temporary.</summary>
    private static bool IsTemporaryOf(string target, string name)
    {
        if (!name.StartsWith(target, StringComparison.Ordinal) || Path.GetExtension(name) is not (".tmp" or ".old"))
            return false;
        string number = Path.GetFileNameWithoutExtension(name)[Math.Min(target.Length, name.Length - 4)..];
        return number.StartsWith('.') && Guid.TryParseExact(number.AsSpan(1), "N", out _);
    }

    private static bool IsOld(FileSystemInfo entry)
    {
        DateTime newest = entry is DirectoryInfo { LinkTarget: null } folder
            ? folder.EnumerateFileSystemInfos("*", SearchOption.AllDirectories).Select(inner => inner.LastWriteTimeUtc).Append(folder.LastWriteTimeUtc).Max()
            : entry.LastWriteTimeUtc;
        return DateTime.UtcNow - newest > Age;
    }

    private static void Remove(FileSystemInfo entry)
    {
        if (entry is DirectoryInfo { LinkTarget: null } folder)
            folder.Delete(recursive: true);
        else
            entry.Delete();
    }
}
