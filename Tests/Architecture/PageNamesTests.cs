using System.Text.RegularExpressions;

namespace TransformFramework.Architecture.Tests;

/// <summary>Pages for developers name types that exist: every name between backticks that looks like one is a word of the sources.</summary>
public sealed partial class PageNamesTests
{
    /// <summary>Names of MSBuild and of its files, which are in no source.</summary>
    private static readonly string[] Foreign = ["AssemblyVersion", "IsPackable", "FirstPartyPlugins"];

    [Theory]
    [InlineData("docs/architecture.md")]
    [InlineData("docs/CONTRIBUTING.md")]
    [InlineData("docs/performance.md")]
    [InlineData("docs/writing-a-plugin.md")]
    [InlineData("SECURITY.md")]
    public void Every_type_that_a_page_names_is_in_the_sources(string page)
    {
        HashSet<string> known = [.. Words.Value, .. Foreign];
        var names = Code().Matches(File.ReadAllText(RepositoryFiles.PathOf(page))).SelectMany(code => TypeName().Matches(code.Groups[1].Value)).Select(name => name.Value);
        Assert.Equal([], names.Distinct().Where(name => !known.Contains(name)));
    }

    /// <summary>Every word of the sources, names of files and folders, and ops.</summary>
    private static readonly Lazy<HashSet<string>> Words = new(() =>
    [
        .. new[] { "Abstractions", "Dsl", "Host", "Plugins", "Tests", "examples" }
            .SelectMany(folder => Repository.Sources(folder).Select(file => Path.Combine(Repository.Root, folder, file)))
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal))
            .SelectMany(file => WordsOf(File.ReadAllText(file)).Concat(WordsOf(file))),
        .. WordsOf(File.ReadAllText(RepositoryFiles.PathOf("Plugins/Toolkit/Ops/ops.txt"))),
    ]);

    private static IEnumerable<string> WordsOf(string text) => TypeName().Matches(text).Select(word => word.Value);

    [GeneratedRegex("`([^`\n]+)`")]
    private static partial Regex Code();

    /// <summary>At least two capitals with small letters between, as names of types have.</summary>
    [GeneratedRegex(@"(?<![\w.])[A-Z][a-z]+[A-Z]\w*")]
    private static partial Regex TypeName();
}
