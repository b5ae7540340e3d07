using System.Collections.Immutable;
using System.Diagnostics;
using System.IO.Compression;

namespace TransformFramework.Packages.Tests;

/// <summary>The packages of this checkout, made once from what is built, in a folder of their own.</summary>
[CollectionDefinition(nameof(PackedPackages))]
public sealed class PackedPackages : IDisposable, ICollectionFixture<PackedPackages>
{
    private static readonly TimeSpan MostTime = TimeSpan.FromMinutes(8);
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("packages");

    public PackedPackages()
    {
        Configuration = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug";
        Feed = folder.CreateSubdirectory("feed").FullName;
        var (exitCode, output) = Run("dotnet", "pack", "TransformFramework.sln", "-c", Configuration, "--no-build", "-p:BuildProjectReferences=false", "-v", "q", "-clp:ErrorsOnly", "-o", Feed);
        Assert.True(exitCode == 0, output);
    }

    /// <summary>The configuration that is built and packed.</summary>
    internal string Configuration { get; }

    /// <summary>The folder that holds the packages.</summary>
    internal string Feed { get; }

    /// <summary>An empty folder for programs that use them.</summary>
    internal string Work => folder.CreateSubdirectory("work").FullName;

    internal static string Root { get; } = RepositoryFiles.Root;

    /// <summary>Names of the files of a package.</summary>
    internal ImmutableArray<string> Files(string package, string ending = ".nupkg")
    {
        using ZipArchive archive = Open(package, ending);
        return [.. archive.Entries.Select(entry => entry.FullName)];
    }

    /// <summary>The text of a file of a package.</summary>
    internal string Text(string package, string file)
    {
        using ZipArchive archive = Open(package, ".nupkg");
        using var reader = new StreamReader(archive.GetEntry(file)!.Open());
        return reader.ReadToEnd();
    }

    internal static (int ExitCode, string Output) Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Root, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(MostTime))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} does not end");
        }
        return (process.ExitCode, output.GetAwaiter().GetResult() + error.GetAwaiter().GetResult());
    }

    public void Dispose() => folder.Delete(recursive: true);

    private ZipArchive Open(string package, string ending) => ZipFile.OpenRead(Directory.GetFiles(Feed, $"{package}.?.?.?{ending}").Single());
}
