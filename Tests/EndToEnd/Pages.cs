using System.Text.RegularExpressions;

namespace TransformFramework.EndToEnd.Tests;

/// <summary>What is in pages of Markdown.</summary>
internal static partial class Pages
{
    /// <summary>The fenced blocks of a language, or of none.</summary>
    public static IEnumerable<string> Blocks(string page, string language = "") =>
        Fence().Matches(File.ReadAllText(Repository.PathOf(page))).Where(block => block.Groups["language"].Value == language).Select(block => block.Groups["text"].Value);

    /// <summary>The commands: lines of blocks without a language that begin with a program.</summary>
    public static IEnumerable<string> Commands(string page) =>
        Blocks(page).SelectMany(block => block.Split('\n')).Where(line => line.StartsWith("dotnet ", StringComparison.Ordinal) || line.StartsWith("artifacts/", StringComparison.Ordinal));

    /// <summary>The targets of links to files, relative to the root.</summary>
    public static IEnumerable<string> Links(string page) =>
        Link().Matches(Fence().Replace(File.ReadAllText(Repository.PathOf(page)), "")).Select(link => link.Groups["target"].Value)
            .Where(target => !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith('#'))
            .Select(target => Path.Combine(Path.GetDirectoryName(page)!, target.Split('#')[0]));

    [GeneratedRegex(@"^```(?<language>\w*)\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Fence();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Link();
}
