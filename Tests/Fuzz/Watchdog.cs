namespace TransformFramework.Fuzz;

/// <summary>Looks every second whether a reader still ends: asks one that takes long to stop, and tells of one that does not. Time is that of the processor, so that a machine with much to do finds no more than an idle one.</summary>
/// <param name="hangs">Is told the number of the file whose reader does not end.</param>
internal sealed class Watchdog(Action<int> hangs) : IDisposable
{
    /// <summary>Time after which a reader that was asked to stop must have ended.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private CancellationTokenSource stop = new();
    private Timer? timer;
    private int number;
    private bool isNew;
    private TimeSpan began;

    /// <summary>Begins to watch over the next file.</summary>
    /// <returns>What asks its reader to stop.</returns>
    public CancellationToken Begin(int next)
    {
        lock (gate)
        {
            timer ??= new(_ => Look(), null, Period, Period);
            number = next;
            isNew = true;
            if (stop.IsCancellationRequested)
            {
                stop.Dispose();
                stop = new();
            }
            return stop.Token;
        }
    }

    public void Dispose()
    {
        timer?.Dispose();
        stop.Dispose();
    }

    private void Look()
    {
        lock (gate)
        {
            TimeSpan now = Environment.CpuUsage.TotalTime;
            if (isNew)
                began = now;
            isNew = false;
            if (now - began > Patience / 4)
                stop.Cancel();
            if (now - began > Patience)
                hangs(number);
        }
    }
}
