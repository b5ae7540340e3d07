using System.Globalization;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Workflows.Progress;
using TransformFramework.Workflows.Reports;

namespace TransformFramework.Cli.Rendering;

/// <summary>Shows on stderr how far a command is. What is on a terminal is erased when this is disposed, before results are printed.</summary>
internal sealed class ProgressDisplay : IProgress<WorkProgress>, IProgress<StepProgress>, IDisposable
{
    private static readonly TimeSpan BeforeFirst = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BetweenObjects = TimeSpan.FromMilliseconds(100);

    private readonly ProgressStyle style;
    private readonly Timer? timer;
    private readonly Lock state = new();
    private WorkProgress? latest;
    private TerminalProgress? terminal;
    private DateTime reported;
    private bool isDisposed;

    public ProgressDisplay(ProgressStyle style)
    {
        this.style = style;
        timer = style switch
        {
            ProgressStyle.Terminal => new(_ => Draw(), null, BeforeFirst, BeforeFirst / 4),
            ProgressStyle.Lines => new(_ => WriteLine(), null, BetweenLines, BetweenLines),
            _ => null,
        };
    }

    public void Report(WorkProgress value)
    {
        lock (state)
        {
            bool isNewPhase = latest?.Phase != value.Phase;
            latest = value;
            if (style != ProgressStyle.Json || isDisposed || (!isNewPhase && value.Done != value.Total && DateTime.UtcNow - reported < BetweenObjects))
                return;
            reported = DateTime.UtcNow;
            Console.Error.WriteLine(RunReport.SerializeLine(new { phase = value.Phase, done = value.Done, total = value.Total, per_second = value.PerSecond, best = value.Best }));
        }
    }

    /// <summary>Shows a line that stays, above what changes.</summary>
    /// <param name="text">The line.</param>
    /// <param name="values">The same for programs.</param>
    public void Say(string text, object values)
    {
        lock (state)
        {
            if (isDisposed || style == ProgressStyle.None)
                return;
            if (style == ProgressStyle.Terminal && terminal is not null)
                terminal.Say(text);
            else
                Console.Error.WriteLine(style == ProgressStyle.Json ? RunReport.SerializeLine(values) : text);
        }
    }

    /// <summary>The display that a command's options ask for.</summary>
    public static ProgressDisplay For(CommandContext context) => new(context.ProgressStyle);

    public void Report(StepProgress value) => Report(new WorkProgress(value.Transform, value.Step, value.Steps));

    public void Dispose()
    {
        lock (state)
        {
            if (isDisposed)
                return;
            isDisposed = true;
            timer?.Dispose();
            terminal?.Dispose();
        }
    }

    private void Draw()
    {
        lock (state)
        {
            if (!isDisposed && latest is not null)
                (terminal ??= new TerminalProgress()).Show(latest, Text(latest));
        }
    }

    private void WriteLine()
    {
        lock (state)
        {
            if (!isDisposed && latest is not null)
                Console.Error.WriteLine(Text(latest));
        }
    }

    private static string Text(WorkProgress progress)
    {
        string count = progress.Total is { } total ? $"{progress.Done} of {total}" : progress.Done.ToString(CultureInfo.InvariantCulture);
        string rate = progress.PerSecond is { } perSecond ? string.Create(CultureInfo.InvariantCulture, $", {perSecond:G3} a second") : "";
        return $"{progress.Phase}: {count}{rate}{(progress.Best is null ? "" : $", best {progress.Best}")}";
    }
}
