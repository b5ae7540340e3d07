namespace TransformFramework;

/// <summary>Files of the repository that the test was built from.</summary>
internal static class RepositoryFiles
{
    /// <summary>The folder of TransformFramework.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The folder of this test project, relative to the root.</summary>
    public static string Project => Own[..Own.IndexOf(Output, StringComparison.Ordinal)].TrimEnd(Path.DirectorySeparatorChar).Replace('\\', '/');

    private static string Own => Path.GetRelativePath(Root, AppContext.BaseDirectory);

    private static string Output => $"bin{Path.DirectorySeparatorChar}";

    /// <summary>Full path of a file or folder, from one relative to the root.</summary>
    public static string PathOf(string relative) => Path.Combine(Root, relative);

    /// <summary>The folder that the build of another project wrote, in the configuration of this one.</summary>
    /// <param name="project">Folder of the project, relative to the root.</param>
    public static string OutputOf(string project) => Path.Combine(Root, project, Own[Own.IndexOf(Output, StringComparison.Ordinal)..]);

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "TransformFramework.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException($"no TransformFramework.sln above {AppContext.BaseDirectory}");
    }
}
