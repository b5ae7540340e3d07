namespace TransformFramework.Engine.Tests.Models;

/// <summary>Third-party models beside the repository.</summary>
internal static class SharedFiles
{
    /// <summary>A folder of <c>shared</c>, or null when it is not there.</summary>
    public static string? Find(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, "shared", name);
            if (Directory.Exists(candidate))
                return candidate;
        }
        return null;
    }
}
