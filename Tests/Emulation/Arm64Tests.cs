using System.Text.RegularExpressions;

namespace TransformFramework.Emulation;

/// <summary>Arm64 kernels and plans on an emulated processor with dot products.</summary>
public sealed partial class Arm64Tests(Arm64Emulator emulator) : IClassFixture<Arm64Emulator>
{
    private const string Reason = "the emulator needs Debian's qemu-user-static, libc6-arm64-cross, libstdc++6-arm64-cross and libgcc-s1-arm64-cross";

    [SkippableFact]
    public void Kernels_of_Arm64_have_the_bits_of_the_reference()
    {
        Skip.IfNot(Arm64Emulator.IsInstalled, Reason);
        var (exitCode, output) = emulator.Result;
        Assert.True(exitCode == 0, output);
        Assert.Contains("kernels chosen: neondot", output, StringComparison.Ordinal);
        Match counts = Counts().Match(output);
        Assert.Equal("0", counts.Groups["skipped"].Value);
        Assert.True(int.Parse(counts.Groups["passed"].Value, null) > 150, output);
    }

    [SkippableFact]
    public void A_quantized_graph_has_the_scores_of_this_machine()
    {
        Skip.IfNot(Arm64Emulator.IsInstalled, Reason);
        Assert.True(emulator.Result.ExitCode == 0, emulator.Result.Output);
        Assert.Equal(DigitScores.Compute(emulator.Graph, Arm64Emulator.Images, EmulatedRun.Images), File.ReadAllBytes(emulator.Scores));
    }

    [GeneratedRegex(@"^(?<passed>\d+) passed, (?<failed>\d+) failed, (?<skipped>\d+) skipped$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Counts();
}
