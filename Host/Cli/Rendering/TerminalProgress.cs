using Spectre.Console;
using TransformFramework.Workflows.Progress;

namespace TransformFramework.Cli.Rendering;

/// <summary>A bar on stderr that is redrawn in place and erased at the end.</summary>
internal sealed class TerminalProgress : IDisposable
{
    private readonly TaskCompletionSource finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task drawing;
    private readonly IAnsiConsole console;
    private ProgressTask? task;

    public TerminalProgress()
    {
        console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(Console.Error),
            ColorSystem = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
        });
        drawing = Spectre.Console.ProgressExtensions.AutoClear(console.Progress(), enabled: true)
            .Columns(new SpinnerColumn(), new ProgressBarColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .StartAsync(async context =>
            {
                task = context.AddTask("starting");
                await finished.Task.ConfigureAwait(false);
            });
    }

    /// <summary>Shows a state.</summary>
    public void Show(WorkProgress progress, string text)
    {
        if (task is null)
            return;
        task.Description = Markup.Escape(text);
        task.IsIndeterminate = progress.Total is null or 0;
        task.MaxValue = Math.Max(1, progress.Total ?? 1);
        task.Value = progress.Done;
    }

    /// <summary>Writes a line above the bar.</summary>
    public void Say(string text) => console.WriteLine(text);

    public void Dispose()
    {
        finished.TrySetResult();
        drawing.Wait(TimeSpan.FromSeconds(1));
    }
}
