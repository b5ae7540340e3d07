using System.Diagnostics;
using System.Text.RegularExpressions;

namespace TransformFramework.Documentation.Tests;

/// <summary>The repository, its pages and its built programs.</summary>
internal static partial class Checkout
{
    private static readonly TimeSpan MostTime = TimeSpan.FromMinutes(3);

    public static string Root => RepositoryFiles.Root;

    public static string PathOf(string relative) => RepositoryFiles.PathOf(relative);

    /// <summary>A file that another project's build wrote, in this build's configuration.</summary>
    public static string Built(string project, string file) => Path.Combine(RepositoryFiles.OutputOf(project), file);

    /// <summary>The fenced blocks of a page in a language; of commands when it is empty.</summary>
    public static IEnumerable<string> Blocks(string page, string language) =>
        Fence().Matches(File.ReadAllText(PathOf(page))).Where(block => block.Groups["language"].Value == language).Select(block => block.Groups["text"].Value);

    /// <summary>Runs a line as a shell does.</summary>
    public static (int ExitCode, string Output) Shell(string line, string folder)
    {
        using Process process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", line]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        Assert.True(process.WaitForExit(MostTime), $"{line} does not end");
        return (process.ExitCode, output.GetAwaiter().GetResult() + error.GetAwaiter().GetResult());
    }

    [GeneratedRegex(@"^```(?<language>\w*)\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Fence();
}
