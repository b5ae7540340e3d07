using System.Diagnostics;

namespace TransformFramework.EndToEnd.Tests;

/// <summary>Ctrl-C ends a run with 130 and leaves everything as it was.</summary>
public sealed class CancellationTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder folder = new();

    [SkippableTheory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public void A_running_step_is_cancelled(string signal)
    {
        Skip.If(OperatingSystem.IsWindows(), "signals are sent with kill");
        folder.Write("out.pb", "before");
        string started = folder["started"];
        using Process process = new ProgramRunner().Launch(
            $"--in_graph={Repository.Digits}",
            $"--out_graph={folder["out.pb"]}",
            $"--transforms=remove_device waits(started=\"{started}\") remove_device",
            $"--plugin={Path.Combine(AppContext.BaseDirectory, "fixtures", "Faulty")}");
        Assert.True(SpinWait.SpinUntil(() => File.Exists(started), Patience), "the step did not start");
        Send(signal, process);
        ProgramResult result = ProgramRunner.End(process);
        Assert.Equal((130, "error TFX0130: cancelled; nothing was written\n"), (result.ExitCode, result.Error));
        Assert.Equal("before", File.ReadAllText(folder["out.pb"]));
        Assert.Equal(["out.pb", "started"], folder.Entries());
    }

    [SkippableFact]
    public void Waiting_for_a_pipe_is_cancelled()
    {
        Skip.IfNot(File.Exists("/usr/bin/mkfifo"), "this system has no named pipes");
        using (Process maker = Process.Start("/usr/bin/mkfifo", [folder["pipe"]]))
            maker.WaitForExit();
        using Process process = new ProgramRunner().Launch($"--in_graph={folder["pipe"]}", $"--out_graph={folder["out.pb"]}", "--transforms=remove_device");
        Assert.True(SpinWait.SpinUntil(() => HandlesSignals(process), Patience), "the program did not start");
        Send("INT", process);
        Assert.Equal(130, ProgramRunner.End(process).ExitCode);
        Assert.Equal(["pipe"], folder.Entries());
    }

    public void Dispose() => folder.Dispose();

    /// <summary>True when the program has set its handler of SIGINT (bit 1 of the caught signals).</summary>
    private static bool HandlesSignals(Process process) =>
        File.ReadLines($"/proc/{process.Id}/status").Any(line => line.StartsWith("SigCgt:", StringComparison.Ordinal) && (Convert.ToUInt64(line[7..].Trim(), fromBase: 16) & 2) != 0);

    private static void Send(string signal, Process process)
    {
        using Process kill = Process.Start("/bin/sh", ["-c", $"kill -{signal} {process.Id}"]);
        kill.WaitForExit();
    }
}
