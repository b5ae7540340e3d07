using System.Reflection;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Cli.Supervision;
using TransformFramework.Engine.Files;

namespace TransformFramework.Cli;

/// <summary>Tells when code of a plugin ends the process, by leaving it or by an exception on a thread of its own: with a message, exit code 3, and without temporary files.</summary>
internal sealed class ProcessEnding : IDisposable
{
    private const string Suggestion = "help: 'transform_graph plugins' shows what was loaded; report it to the plugin's author.";

    private readonly Thread main = Thread.CurrentThread;

    public ProcessEnding()
    {
        AppDomain.CurrentDomain.ProcessExit += OnExit;
        AppDomain.CurrentDomain.UnhandledException += OnUnhandled;
    }

    /// <summary>The program ends by itself from here on.</summary>
    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        AppDomain.CurrentDomain.UnhandledException -= OnUnhandled;
    }

    private void OnExit(object? sender, EventArgs arguments)
    {
        if (Environment.ExitCode == ExitCodes.Cancelled)
            return;
        TemporaryPaths.DeleteAll();
        Say($"error {CliDiagnostics.PluginLeft.Id}: code of {(PluginEntries.Last is { } plugin ? $"plugin {plugin}" : "a plugin")} ended the process; nothing was written");
        Environment.ExitCode = ExitCodes.Plugin;
    }

    private void OnUnhandled(object sender, UnhandledExceptionEventArgs arguments)
    {
        if (arguments.ExceptionObject is not Exception error || Thread.CurrentThread == main)
            return;
        Assembly? origin = error.TargetSite?.Module.Assembly;
        bool isOurs = origin?.GetName().Name?.StartsWith("TransformFramework", StringComparison.Ordinal) ?? true;
        if (isOurs)
            return;
        TemporaryPaths.DeleteAll();
        Say($"error {CliDiagnostics.PluginThread.Id}: code of {origin!.GetName().Name} threw {error.GetType().Name} on a thread of its own; nothing was written");
        Dispose();
        Environment.Exit(ExitCodes.Plugin);
    }

    private static void Say(string message)
    {
        try
        {
            Console.Error.WriteLine($"{message}\n  {Suggestion}");
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
        }
    }
}
