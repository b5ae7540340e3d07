using System.Reflection;

namespace TransformFramework.EndToEnd.Tests;

/// <summary>Where the repository's files and its built program are.</summary>
internal static class Repository
{
    public static string Root => RepositoryFiles.Root;

    /// <summary>The host program with its plugins, as the build leaves it.</summary>
    public static string Program { get; } = Path.GetFullPath(
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "Program").Value! + (OperatingSystem.IsWindows() ? ".exe" : ""));

    public static string Digits => PathOf("examples/01-digits/digits_cnn.pb");

    /// <summary>Training images of the digits example, as an option takes them.</summary>
    public static string DigitsSamples => PathOf("examples/01-digits/digits_calibration.npz") + "?divide=255";

    public static string PathOf(string relative) => RepositoryFiles.PathOf(relative);

    /// <summary>Every page in Markdown, relative to the root.</summary>
    public static IEnumerable<string> Pages() => Files().Where(file => file.EndsWith(".md", StringComparison.Ordinal));

    /// <summary>Every file that is not a product of building or testing, relative to the root.</summary>
    public static IEnumerable<string> Files() => Files(new DirectoryInfo(Root)).Select(file => Path.GetRelativePath(Root, file));

    private static IEnumerable<string> Files(DirectoryInfo folder) => folder.EnumerateFiles().Select(file => file.FullName)
        .Concat(folder.EnumerateDirectories().Where(child => child.Name is not ("bin" or "obj" or ".git" or ".vs" or "artifacts" or "TestResults")).SelectMany(Files));
}
