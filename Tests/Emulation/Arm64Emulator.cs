using System.Diagnostics;

namespace TransformFramework.Emulation;

/// <summary>One run on an emulated Arm64 processor: the launcher is published with its runtime, and runs what this machine's build has made.</summary>
public sealed class Arm64Emulator : IDisposable
{
    private const string Emulator = "qemu-aarch64-static";
    private const string Libraries = "/usr/aarch64-linux-gnu";

    /// <summary>The emulator does not see code change that is written by another address than it is run by. Kernels are compiled once, with optimization.</summary>
    private static readonly (string Name, string Value)[] Emulated = [("DOTNET_EnableWriteXorExecute", "0"), ("DOTNET_TieredCompilation", "0")];

    private static readonly (string Name, string Value)[] Built = [("MSBUILDDISABLENODEREUSE", "1"), ("UseSharedCompilation", "false")];

    private static readonly TimeSpan MostTime = TimeSpan.FromMinutes(10);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("arm64");
    private readonly Lazy<(int ExitCode, string Output)> run;

    public Arm64Emulator() => run = new(Run);

    /// <summary>True where the emulator and the libraries of its processor are installed.</summary>
    public static bool IsInstalled => Find(Emulator) is not null && File.Exists($"{Libraries}/lib/libstdc++.so.6") && File.Exists($"{Libraries}/lib/libgcc_s.so.1");

    /// <summary>What the run printed, and its exit code.</summary>
    internal (int ExitCode, string Output) Result => run.Value;

    /// <summary>The digits' graph in 8 bits, made by this machine.</summary>
    internal string Graph => Path.Combine(folder.FullName, "digits_int8.pb");

    /// <summary>Where the run writes its scores.</summary>
    internal string Scores => Path.Combine(folder.FullName, "scores");

    internal static string Images => RepositoryFiles.PathOf("examples/01-digits/digits_test.npz");

    public void Dispose() => folder.Delete(recursive: true);

    private (int ExitCode, string Output) Run()
    {
        string program = Path.Combine(folder.FullName, "program");
        Succeed(Start(Path.Combine(RepositoryFiles.OutputOf("Host/Cli"), "transform_graph"), [], "quantize", $"--in_graph={RepositoryFiles.PathOf("examples/01-digits/digits_cnn.pb")}", $"--data={RepositoryFiles.PathOf("examples/01-digits/digits_calibration.npz")}?divide=255", "--samples=50", $"--out_graph={Graph}", "--progress=off"));
        Succeed(Start("dotnet", Built, "publish", "Tests/Launcher", "-r", "linux-arm64", "--self-contained", "--artifacts-path", Path.Combine(folder.FullName, "artifacts"), "-o", program, "-v", "q", "-clp:ErrorsOnly"));
        return Start(Emulator, Emulated, "-cpu", "max", "-L", Libraries, Path.Combine(program, "TransformFramework.Launcher"), typeof(EmulatedRun).Assembly.Location, typeof(EmulatedRun).FullName!, nameof(EmulatedRun.Run), Graph, Images, Scores);
    }

    private static void Succeed((int ExitCode, string Output) result) => Assert.True(result.ExitCode == 0, result.Output);

    private static (int ExitCode, string Output) Start(string program, (string Name, string Value)[] environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = RepositoryFiles.Root, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
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

    private static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(path => Path.Combine(path, program)).FirstOrDefault(File.Exists);
}
