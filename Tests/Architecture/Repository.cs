namespace TransformFramework.Architecture.Tests;

/// <summary>Where the repository's projects and their built assemblies are.</summary>
internal static class Repository
{
    public static string Root => RepositoryFiles.Root;

    public static AssemblyFile Abstractions => Built("Abstractions", "TransformFramework.Abstractions");

    public static AssemblyFile Dsl => Built("Dsl", "TransformFramework.Dsl");

    public static AssemblyFile Toolkit => Built("Plugins/Toolkit", "TransformFramework.Toolkit");

    public static AssemblyFile Engine => Built("Host/Engine", "TransformFramework.Engine");

    public static AssemblyFile Workflows => Built("Host/Workflows", "TransformFramework.Workflows");

    /// <summary>A library by its folder and the end of its name.</summary>
    public static AssemblyFile Library(string folder, string name) => Built(folder, $"TransformFramework.{name}");

    public static AssemblyFile Cli => Built("Host/Cli", "transform_graph");

    /// <summary>Folder names of the first-party plugins.</summary>
    public static IEnumerable<string> PluginNames =>
        Directory.EnumerateFiles(Path.Combine(Root, "Plugins"), "*.csproj", SearchOption.AllDirectories)
            .Select(file => Path.GetFileNameWithoutExtension(file))
            .Where(name => name != "TransformFramework.Toolkit");

    /// <summary>Folders of all projects but those of tests and examples.</summary>
    public static IEnumerable<string> Projects =>
        Directory.EnumerateFiles(Root, "*.csproj", SearchOption.AllDirectories)
            .Select(file => Path.GetDirectoryName(Path.GetRelativePath(Root, file))!.Replace('\\', '/'))
            .Where(folder => folder.Split('/')[0] is not ("Tests" or "examples" or "artifacts"));

    public static AssemblyFile Plugin(string name) => Built($"Plugins/{name}", name);

    /// <summary>Source files of a folder, without what builds put there.</summary>
    public static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Path.Combine(Root, folder), file))
            .Where(file => !file.StartsWith("obj", StringComparison.Ordinal) && !file.StartsWith("bin", StringComparison.Ordinal));

    /// <summary>The rows of the table in docs/architecture.md whose header has a title, as cells without backticks.</summary>
    public static IEnumerable<string[]> Table(string title) =>
        File.ReadLines(Path.Combine(Root, "docs", "architecture.md"))
            .SkipWhile(line => !line.StartsWith('|') || !line.Contains(title, StringComparison.Ordinal))
            .Skip(2)
            .TakeWhile(line => line.StartsWith('|'))
            .Select(line => line.Trim('|').Split('|').Select(cell => cell.Trim().Trim('`')).ToArray());

    private static AssemblyFile Built(string folder, string assembly)
    {
        return AssemblyFile.Read(Path.Combine(RepositoryFiles.OutputOf(folder), $"{assembly}.dll"));
    }
}
