using System.IO.Compression;

namespace TransformFramework.Packages.Tests;

/// <summary>'dotnet pack' compares the contract with its last version, which is in Baseline, and fails when something is gone from it.</summary>
[Collection(nameof(PackedPackages))]
public sealed class PackageValidationTests(PackedPackages packages) : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("validation");

    [Fact]
    public void The_last_version_is_compatible()
    {
        var (exitCode, output) = Pack(LastVersion);
        Assert.True(exitCode == 0, output);
    }

    [Fact]
    public void A_type_that_is_gone_is_named()
    {
        string newer = Path.Combine(folder.FullName, "newer.nupkg");
        File.Copy(LastVersion, newer);
        using (ZipArchive archive = ZipFile.Open(newer, ZipArchiveMode.Update))
        {
            archive.GetEntry("lib/net10.0/TransformFramework.Abstractions.dll")!.Delete();
            archive.CreateEntryFromFile(Path.Combine(PackedPackages.Root, "Tests", "Engine", "PluginLoading", "Fixtures", "bin", "NewerAbstractions", packages.Configuration, "net10.0", "TransformFramework.Abstractions.dll"), "lib/net10.0/TransformFramework.Abstractions.dll");
        }
        var (exitCode, output) = Pack(newer);
        Assert.NotEqual(0, exitCode);
        Assert.Contains("error CP0001: Type 'TransformFramework.Transforms.Addition' exists", output, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Delete(recursive: true);

    private static string LastVersion => Path.Combine(PackedPackages.Root, "Tests", "Packages", "Baseline", "TransformFramework.Abstractions.1.0.0.nupkg");

    /// <summary>Packs and validates, whatever was validated before: the SDK notes that in a file.</summary>
    private (int ExitCode, string Output) Pack(string baseline) => PackedPackages.Run("dotnet", "pack", "Abstractions", "-c", packages.Configuration, "--no-build", "-o", folder.CreateSubdirectory("out").FullName,
        $"-p:PackageValidationBaselinePath={baseline}", $"-p:_ApiCompatValidatePackageSemaphoreFile={Path.Combine(folder.FullName, "validated")}", "-v", "q", "-clp:ErrorsOnly");
}
