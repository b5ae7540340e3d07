using System.Runtime.InteropServices;
using TransformFramework.Engine.Files;

namespace TransformFramework.Cli;

/// <summary>
/// Ends the program on SIGINT and SIGTERM: the first signal asks the run to end and clean up. When it does not, since it waits for a pipe or runs code that takes no notice, the process ends
/// after a moment all the same, with temporary files removed; a second signal ends it at once.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(700);

    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration interrupted;
    private readonly PosixSignalRegistration terminated;
    private Timer? timer;
    private volatile Action<PosixSignal>? receiver;

    public StopSignals()
    {
        interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>Passes signals on from here, in place of ending the run.</summary>
    /// <exception cref="OperationCanceledException">One has come already.</exception>
    public void PassTo(Action<PosixSignal> other)
    {
        receiver = other;
        source.Token.ThrowIfCancellationRequested();
    }

    public void Dispose()
    {
        timer?.Dispose();
        interrupted.Dispose();
        terminated.Dispose();
        source.Dispose();
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
        timer = new(_ => End(), null, Patience, Timeout.InfiniteTimeSpan);
        ThreadPool.QueueUserWorkItem(_ => source.Cancel());
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
