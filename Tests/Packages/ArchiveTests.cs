using System.Formats.Tar;
using System.IO.Compression;

namespace TransformFramework.Packages.Tests;

/// <summary>The archives for machines without .NET, made here without compiling ahead of time, which takes minutes and changes no file's name.</summary>
[Collection(nameof(PackedPackages))]
public sealed class ArchiveTests(PackedPackages packages) : IDisposable
{
    private const int ElfX64 = 62;
    private const int ElfArm64 = 183;
    private const int MachArm64 = 0x0100000C;
    private const int PeX64 = 0x8664;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("archives");

    [Theory]
    [InlineData("linux-x64", "transform_graph", "libcoreclr.so", 18, ElfX64)]
    [InlineData("linux-arm64", "transform_graph", "libcoreclr.so", 18, ElfArm64)]
    [InlineData("osx-arm64", "transform_graph", "libcoreclr.dylib", 4, MachArm64)]
    [InlineData("win-x64", "transform_graph.exe", "coreclr.dll", -4, PeX64)]
    public void An_archive_holds_program_runtime_and_plugins_of_its_platform(string platform, string program, string runtime, int machineOffset, int machine)
    {
        string root = Extracted(platform);
        Assert.Equal([], new[] { program, runtime, "transform_graph.dll", "plugins/Cpu/Cpu.dll", "plugins/TfLite/TfLite.dll", "LICENSE", "NOTICE", "THIRD-PARTY-NOTICES.txt" }.Where(file => !File.Exists(Path.Combine(root, file))));
        Assert.Equal(machine, Machine(File.ReadAllBytes(Path.Combine(root, program)), machineOffset));
        Assert.Equal(machine, Machine(File.ReadAllBytes(Path.Combine(root, runtime)), machineOffset));
        if (platform == "linux-x64" && OperatingSystem.IsLinux() && System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.X64)
            Assert.Equal(0, PackedPackages.Run(Path.Combine(root, program), "summarize", $"--in_graph={Path.Combine(PackedPackages.Root, "examples", "01-digits", "digits_cnn.pb")}").ExitCode);
    }

    public void Dispose() => folder.Delete(recursive: true);

    /// <summary>Makes an archive and gives the only folder that it holds.</summary>
    private string Extracted(string platform)
    {
        var (exitCode, output) = PackedPackages.Run("dotnet", "publish", "Host/Cli", "-c", packages.Configuration, "-r", platform, "-p:Archive=true", "-p:PublishReadyToRun=false", $"-p:ArchiveFolder={folder.FullName}/", "-v", "q", "-clp:ErrorsOnly");
        Assert.True(exitCode == 0, output);
        string archive = Assert.Single(folder.GetFiles()).FullName;
        string content = folder.CreateSubdirectory("content").FullName;
        if (archive.EndsWith(".zip", StringComparison.Ordinal))
        {
            ZipFile.ExtractToDirectory(archive, content);
        }
        else
        {
            using var stream = new GZipStream(File.OpenRead(archive), CompressionMode.Decompress);
            TarFile.ExtractToDirectory(stream, content, overwriteFiles: false);
        }
        Assert.Equal($"transform_graph-1.0.0-{platform}", Path.GetFileName(Assert.Single(Directory.GetFileSystemEntries(content))));
        return Path.Combine(content, $"transform_graph-1.0.0-{platform}");
    }

    /// <summary>The field of a program's header that names its machine; a negative offset is from the header that the word at 0x3C points to.</summary>
    private static int Machine(byte[] program, int offset) => offset switch
    {
        < 0 => BitConverter.ToUInt16(program, BitConverter.ToInt32(program, 0x3C) - offset),
        18 => BitConverter.ToUInt16(program, offset),
        _ => BitConverter.ToInt32(program, offset),
    };
}
