namespace TransformFramework;

/// <summary>Test data that is beside the repository, in a folder <c>shared</c>.</summary>
internal static class SharedFiles
{
    /// <summary>Full path of a file or folder below <c>shared</c>, or null where it is missing.</summary>
    public static string? Find(string path)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, "shared", path);
            if (File.Exists(candidate) || Directory.Exists(candidate))
                return candidate;
        }
        return null;
    }
}
