using System.Text.RegularExpressions;

namespace TransformFramework.EndToEnd.Tests;

/// <summary>What a terminal gets, through a pseudo-terminal of script(1): a bar that is erased before the results, and colours unless NO_COLOR is set.</summary>
public sealed partial class TerminalTests : IDisposable
{
    private const string Script = "/usr/bin/script";
    private const string Result = "37 ranges over 200 samples: d.ranges";
    private const string EraseLine = "\u001b[2K";

    private readonly TemporaryFolder folder = new();

    [SkippableTheory]
    [InlineData("")]
    [InlineData("1")]
    public void Progress_is_erased_before_results(string noColor)
    {
        Skip.IfNot(File.Exists(Script), "script(1) is not installed");
        string output = Calibrate(noColor);
        string last = output.TrimEnd('\r', '\n').Split('\n')[^1];
        Assert.Equal(Result, Sequence().Replace(last, "").Trim());
        bool hasBar = output.Contains("\u001b[", StringComparison.Ordinal);
        Assert.True(!hasBar || output[..output.LastIndexOf(Result, StringComparison.Ordinal)].TrimEnd().EndsWith("\u001b[?25h", StringComparison.Ordinal), "the cursor is not shown again before the result");
        Assert.True(!hasBar || last.Contains(EraseLine, StringComparison.Ordinal), "the bar is not erased");
        Assert.False(noColor.Length > 0 && Colour().IsMatch(output), "there are colours under NO_COLOR");
    }

    public void Dispose() => folder.Dispose();

    private string Calibrate(string noColor)
    {
        string samples = Repository.PathOf("examples/01-digits/digits_calibration.npz");
        var runner = new ProgramRunner { Program = Script, WorkingDirectory = folder.Path, Environment = new Dictionary<string, string> { ["TERM"] = "xterm-256color", ["NO_COLOR"] = noColor } };
        return runner.Start("-qec", $"'{Repository.Program}' calibrate --in_graph='{Repository.Digits}' --data='{samples}?divide=255' --out=d.ranges", "/dev/null").Output;
    }

    /// <summary>A control sequence (ECMA-48).</summary>
    [GeneratedRegex(@"\u001b\[[0-9;?]*[A-Za-z]", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Sequence();

    /// <summary>A foreground or background colour.</summary>
    [GeneratedRegex(@"\u001b\[([0-9;]*;)?(3[0-8]|4[0-8]|9[0-7])[0-9;]*m", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Colour();
}
