using System.Globalization;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using TransformFramework.Engine.PluginLoading;

namespace TransformFramework.Cli.Supervision;

/// <summary>Knows the plugin whose code was entered last, and tells the process beside this one, if there is one.</summary>
internal static partial class PluginEntries
{
    /// <summary>The environment variable that names the pipe to the supervisor.</summary>
    public const string Variable = "TRANSFORMFRAMEWORK_SUPERVISOR";

    /// <summary>What a line with the name of a plugin begins with.</summary>
    public const char Mark = '\u0001';

    private const int StandardError = 2;
    private const int SignalOfParentsDeath = 1;
    private const int Kill = 9;

    private static StreamWriter? supervisor;

    /// <summary>Whether another process waits for this one.</summary>
    public static bool IsSupervised => supervisor is not null;

    /// <summary>The plugin, not of the program's own, whose code was entered last; null when none was.</summary>
    public static PluginIdentity? Last { get; private set; }

    /// <summary>Connects with the process that started this one to supervise it; processes that this one starts are not told of it.</summary>
    public static void Connect()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { } pipe)
            return;
        Environment.SetEnvironmentVariable(Variable, null);
        try
        {
            supervisor = new StreamWriter(new AnonymousPipeClientStream(PipeDirection.Out, pipe)) { AutoFlush = true };
        }
        catch (Exception error) when (error is ArgumentException or IOException)
        {
            return;
        }
        if (OperatingSystem.IsLinux())
            _ = SetProcess(SignalOfParentsDeath, Kill);
        if (!OperatingSystem.IsWindows() && Console.IsErrorRedirected)
            SplitStandardError(int.Parse(pipe, CultureInfo.InvariantCulture));
    }

    /// <summary>Takes note of a plugin before its code is entered.</summary>
    public static void Enter(PluginIdentity plugin)
    {
        Last = plugin;
        try
        {
            supervisor?.WriteLine($"{Mark}{plugin}");
        }
        catch (IOException)
        {
            // Nobody listens any more.
        }
    }

    /// <summary>What this program writes goes where it was to go, since its writer has a handle of its own; the runtime's last words go to the supervisor, which knows what to say of them.</summary>
    private static void SplitStandardError(int pipe)
    {
        Console.Error.Flush();
        _ = Duplicate(pipe, StandardError);
    }

    [LibraryImport("libc", EntryPoint = "dup2")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Duplicate(int file, int to);

    [LibraryImport("libc", EntryPoint = "prctl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetProcess(int option, nint value);
}
