using System.ComponentModel;
using System.Diagnostics;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using TransformFramework.Engine.PluginLoading;

namespace TransformFramework.Cli.Supervision;

/// <summary>
/// Runs a command that may enter code of others in a process of its own, and stays beside it: a stack that is exhausted, broken memory or <c>Environment.FailFast</c> end a .NET process at once, and only
/// another process can say whose code it was. Without plugins of others there is one process.
/// </summary>
internal static partial class Supervisor
{
    private const int FirstSignal = 128;
    private const int Kill = 9;

    /// <summary>Time for a signal that the terminal sends to both processes to be seen to have reached the other one.</summary>
    private static readonly TimeSpan BeforeForwarding = TimeSpan.FromMilliseconds(100);

    /// <summary>Whether the command is to be run in a process of its own. The words are not parsed yet, so that this process starts fast.</summary>
    /// <param name="arguments">The words of the command line.</param>
    public static bool IsNeeded(IReadOnlyList<string> arguments) =>
        !PluginEntries.IsSupervised && PluginCatalog.MayFindOthers([.. arguments.Where(word => word.StartsWith("--plugin", StringComparison.Ordinal))]);

    /// <summary>Runs the command line in another process with the same streams and gives its exit code; null when no process can be started.</summary>
    /// <param name="arguments">The words of the command line.</param>
    /// <param name="stop">The signals that this process gets.</param>
    /// <exception cref="PluginException">Code of a plugin ended the process.</exception>
    /// <exception cref="OperationCanceledException">A signal came before the other process had started.</exception>
    public static int? Run(IReadOnlyList<string> arguments, StopSignals stop)
    {
        using var entries = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.Inheritable);
        using Process? process = Start(arguments, entries);
        if (process is null)
            return null;
        entries.DisposeLocalCopyOfClientHandle();
        var reading = new EntryReader(entries);
        try
        {
            stop.PassTo(signal => Forward(signal, process));
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
        process.WaitForExit();
        reading.Finish();
        if (HasCrashed(process.ExitCode))
            throw Crash(process.ExitCode, reading);
        foreach (string line in reading.Lines)
            Console.Error.WriteLine(line);
        return process.ExitCode;
    }

    private static Process? Start(IReadOnlyList<string> arguments, AnonymousPipeServerStream entries)
    {
        string program = Environment.ProcessPath!;
        bool isRuntime = Path.GetFileNameWithoutExtension(program) == "dotnet";
        var start = new ProcessStartInfo(program, isRuntime ? arguments.Prepend(Environment.GetCommandLineArgs()[0]) : arguments) { UseShellExecute = false };
        start.Environment[PluginEntries.Variable] = entries.GetClientHandleAsString();
        try
        {
            return Process.Start(start);
        }
        catch (Exception error) when (error is Win32Exception or IOException)
        {
            return null;
        }
    }

    /// <summary>SIGKILL is nobody's code: the system is out of memory, or someone ended the process.</summary>
    private static bool HasCrashed(int exitCode) => OperatingSystem.IsWindows() ? exitCode < 0 : exitCode > FirstSignal && exitCode - FirstSignal is not (Kill or (int)UnixSignal.Interrupt or (int)UnixSignal.Terminate);

    private static PluginException Crash(int exitCode, EntryReader entries)
    {
        string how = entries.IsStackExhausted ? "calls itself without end, which exhausts the stack" : OperatingSystem.IsWindows() ? $"ended the process with 0x{exitCode:X8}" : $"ended the process by signal {exitCode - FirstSignal}";
        string calls = string.Join(", ", entries.Calls);
        return new(CliDiagnostics.PluginCrashed.Id, CliDiagnostics.PluginCrashed.Format($"code of {(entries.Last is { } plugin ? $"plugin {plugin}" : "a plugin")} {how}; nothing was written"))
        {
            Suggestion = $"Report it to the plugin's author{(calls.Length == 0 ? "" : $", with the innermost calls: {calls}")}; 'transform_graph plugins' shows what was loaded.",
        };
    }

    private static void Forward(PosixSignal signal, Process process)
    {
        if (!process.WaitForExit(BeforeForwarding))
            _ = SendSignal(process.Id, (int)(signal == PosixSignal.SIGINT ? UnixSignal.Interrupt : UnixSignal.Terminate));
    }

    private enum UnixSignal
    {
        Interrupt = 2,
        Terminate = 15,
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SendSignal(int process, int signal);
}
