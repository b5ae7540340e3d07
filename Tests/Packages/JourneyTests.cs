using Xunit.Abstractions;

namespace TransformFramework.Packages.Tests;

/// <summary>What users do with the packages, see journeys.sh.</summary>
[Collection(nameof(PackedPackages))]
public sealed class JourneyTests(PackedPackages packages, ITestOutputHelper log)
{
    [SkippableTheory]
    [InlineData("tool")]
    [InlineData("console")]
    [InlineData("service")]
    [InlineData("mlnet")]
    [InlineData("build_item")]
    [InlineData("template")]
    [InlineData("single_file")]
    [InlineData("native")]
    public void A_journey_ends_well(string journey)
    {
        Skip.If(OperatingSystem.IsWindows(), "the script is for a Unix shell");
        var (exitCode, output) = PackedPackages.Run("bash", Path.Combine(PackedPackages.Root, "Tests", "Packages", "journeys.sh"), packages.Feed, packages.Work, journey);
        log.WriteLine(output);
        Skip.If(exitCode == 77, output);
        Assert.True(exitCode == 0, output);
    }
}
