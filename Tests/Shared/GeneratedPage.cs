namespace TransformFramework;

/// <summary>A file of the repository that a test makes and compares. UPDATE_PAGES=1 writes it instead.</summary>
internal static class GeneratedPage
{
    private static bool IsWritten => Environment.GetEnvironmentVariable("UPDATE_PAGES") == "1";

    /// <summary>Compares a file with what it should hold, or writes that.</summary>
    /// <param name="path">The file, relative to the root.</param>
    /// <param name="content">What it should hold.</param>
    public static void Check(string path, string content)
    {
        string file = RepositoryFiles.PathOf(path);
        string expected = content.ReplaceLineEndings("\n");
        if (IsWritten)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, expected);
        }
        string[] found = File.Exists(file) ? File.ReadAllText(file).ReplaceLineEndings("\n").Split('\n') : [];
        string[] lines = expected.Split('\n');
        int same = lines.Zip(found).TakeWhile(pair => pair.First == pair.Second).Count();
        Assert.True(
            same == lines.Length && same == found.Length,
            $"{path} is stale from line {same + 1}, which should be '{lines.ElementAtOrDefault(same)}'; UPDATE_PAGES=1 dotnet test {RepositoryFiles.Project} writes it");
    }
}
