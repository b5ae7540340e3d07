using System.Runtime.InteropServices;
using TransformFramework.Engine.Files;

namespace TransformFramework.Cli;

/// <summary>
/// Ends the program on SIGINT and SIGTERM: the first signal asks the run to end and clean up. When it does not, since it waits for a pipe or runs code that takes no notice, the process ends
/// after a moment all the same, with temporary files removed; a second signal ends it at once.
/// </summary>
#pragma warning disable CA1001 // It lives as long as the process, so that a signal finds it also while the runtime ends.
internal sealed class StopSignals
#pragma warning restore CA1001
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(700);

    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration[] registrations;
    private volatile Action<PosixSignal>? receiver;

    public StopSignals() => registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop)];

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>Passes signals on from here, in place of ending the run.</summary>
    /// <exception cref="OperationCanceledException">One has come already.</exception>
    public void PassTo(Action<PosixSignal> other)
    {
        receiver = other;
        source.Token.ThrowIfCancellationRequested();
    }

    private void Stop(PosixSignalContext signal)
    {
        signal.Cancel = true;
        if (receiver is { } other)
        {
            other(signal.Signal);
            return;
        }
        if (source.IsCancellationRequested)
        {
            End();
            return;
        }
        new Thread(source.Cancel) { IsBackground = true }.Start();
        new Thread(EndLater) { IsBackground = true }.Start();
    }

    /// <summary>Waits on a thread of its own: those of the pool may all be at work.</summary>
    private static void EndLater()
    {
        Thread.Sleep(Patience);
        End();
    }

    private static void End()
    {
        TemporaryPaths.DeleteAll();
        try
        {
            Console.Error.WriteLine(CliDiagnostics.Cancelled.With());
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
        }
        Environment.ExitCode = ExitCode;
        Environment.Exit(ExitCode);
    }

    private const int ExitCode = CommandLineParsing.ExitCodes.Cancelled;
}
