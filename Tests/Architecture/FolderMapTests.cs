using System.Text;
using System.Xml.Linq;

namespace TransformFramework.Architecture.Tests;

/// <summary>The map of folders in docs/CONTRIBUTING.md, made from the project files.</summary>
public sealed class FolderMapTests
{
    private const string Page = "docs/CONTRIBUTING.md";
    private const string Begin = "<!-- map -->\n";
    private const string End = "<!-- end of map -->";

    private static readonly string[] Tops = ["Abstractions", "Dsl", "Plugins", "Host"];

    [Fact]
    public void The_map_is_what_the_projects_say()
    {
        string page = File.ReadAllText(RepositoryFiles.PathOf(Page));
        int begin = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        int end = page.IndexOf(End, StringComparison.Ordinal);
        GeneratedPage.Check(Page, string.Concat(page.AsSpan(0, begin), Map(), page.AsSpan(end)));
    }

    [Fact]
    public void Links_of_the_page_lead_to_files_and_folders()
    {
        string docs = RepositoryFiles.PathOf("docs");
        var links = System.Text.RegularExpressions.Regex.Matches(File.ReadAllText(RepositoryFiles.PathOf(Page)), @"\]\(([^)#]+)\)", default, TimeSpan.FromSeconds(1));
        Assert.NotEmpty(links);
        Assert.Empty(links.Select(link => Path.Combine(docs, link.Groups[1].Value)).Where(path => !File.Exists(path) && !Directory.Exists(path)));
    }

    private static string Map()
    {
        var map = new StringBuilder("| folder | what it is | its folders |\n|---|---|---|\n");
        foreach (string project in Tops.SelectMany(Projects))
        {
            string folder = Path.GetRelativePath(Repository.Root, Path.GetDirectoryName(project)!).Replace('\\', '/');
            map.Append(null, $"| `{folder}` | {Description(project)} | {string.Join(", ", NamespaceOrderTests.FoldersOf(folder))} |\n");
        }
        return map.ToString();
    }

    private static IEnumerable<string> Projects(string top) =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, top), "*.csproj", SearchOption.AllDirectories).Order(StringComparer.Ordinal);

    private static string Description(string project) =>
        XDocument.Load(project).Descendants("Description").FirstOrDefault()?.Value ?? throw new InvalidOperationException($"{project} has no <Description>");
}
