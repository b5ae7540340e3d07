using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text.RegularExpressions;

namespace TransformFramework.EndToEnd.Tests;

/// <summary>
/// What users and attackers tried, each in a folder of its own with a shell command (<c>Cases/cases.zip</c>), and what must come of it (<c>Cases/expected.txt</c>): an exit code, texts that must
/// and must not be printed. The commands run under limits of a minute and 4 GiB.
/// </summary>
public sealed partial class CaseTests
{
    private const string Shell = "/bin/bash";
    private const int SecondsAllowed = 60;

    private static readonly string Folder = Repository.PathOf("Tests/EndToEnd/Cases");
    private static readonly string[] Programs = ["python3", "script"];
    private static readonly int[] Crashes = [70, 124, 134, 135, 137, 139];

    public static TheoryData<string> Names => [.. Cases().Select(expected => expected.Name)];

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public void A_case_ends_as_it_must(string name)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "the commands are for a Linux shell");
        using var work = new TemporaryFolder();
        string command = Unpack(name, work);
        foreach (string program in Programs)
            Skip.If(Regex.IsMatch(command, $@"\b{program}\b", RegexOptions.None, TimeSpan.FromSeconds(1)) && !IsInstalled(program), $"{program} is not installed");
        var expected = Cases().Single(entry => entry.Name == name);
        var (exitCode, output) = Run(command, work.Path);

        Assert.True(exitCode == expected.ExitCode, $"{name} ended with {exitCode}, not {expected.ExitCode}:\n{output}");
        Assert.DoesNotContain(exitCode, Crashes);
        Assert.DoesNotMatch(InternalError(), output);
        foreach (string text in expected.Contains)
            Assert.Contains(text, output, StringComparison.OrdinalIgnoreCase);
        foreach (string text in expected.Lacks)
            Assert.DoesNotContain(text, output, StringComparison.OrdinalIgnoreCase);
    }

    private static (int ExitCode, string Output) Run(string command, string folder)
    {
        string script = Path.Combine(folder, ".command.sh");
        File.WriteAllText(script, "exec 2>&1\nulimit -d 4194304\n" + command.Replace("{bin}", Repository.Program, StringComparison.Ordinal));
        var runner = new ProgramRunner { Program = "timeout", WorkingDirectory = folder };
        using Process process = runner.Launch("--kill-after=5", SecondsAllowed.ToString(CultureInfo.InvariantCulture), Shell, script);
        ProgramResult result = ProgramRunner.End(process);
        return (result.ExitCode, result.Output);
    }

    private static string Unpack(string name, TemporaryFolder work)
    {
        using ZipArchive archive = ZipFile.OpenRead(Path.Combine(Folder, "cases.zip"));
        foreach (ZipArchiveEntry entry in archive.Entries.Where(entry => entry.FullName.StartsWith(name + "/", StringComparison.Ordinal)))
        {
            string path = work[entry.FullName[(name.Length + 1)..]];
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            entry.ExtractToFile(path);
        }
        return File.ReadAllText(work["cmd"]);
    }

    private static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    private static IEnumerable<(string Name, int ExitCode, string[] Contains, string[] Lacks)> Cases()
    {
        string text = File.ReadAllText(Path.Combine(Folder, "expected.txt"));
        foreach (Match match in Case().Matches(text))
        {
            string[] lines = match.Groups[3].Value.Split('\n');
            yield return (match.Groups[1].Value, int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture), Texts(lines, "  + "), Texts(lines, "  - "));
        }
    }

    private static string[] Texts(string[] lines, string mark) => [.. lines.Where(line => line.StartsWith(mark, StringComparison.Ordinal)).Select(line => line[mark.Length..])];

    [GeneratedRegex(@"^(\w+/[\w.-]+) (\d+)\n((?:  [+-] .*\n)*)", RegexOptions.Multiline, 5000)]
    private static partial Regex Case();

    [GeneratedRegex(@"rc=(70|134|135|137|139)\b|internal error|Unhandled exception|^\s+at [A-Z]\w+\.", RegexOptions.Multiline, 5000)]
    private static partial Regex InternalError();
}
