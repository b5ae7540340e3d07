using TransformFramework.Engine.Pipeline;

namespace TransformFramework.Cli.Rendering;

/// <summary>Shows the running step on stderr, when that is a terminal.</summary>
internal sealed class ProgressLine : IProgress<StepProgress>
{
    /// <summary>The line, or null when stderr is no terminal.</summary>
    public static ProgressLine? ForTerminal() => Console.IsErrorRedirected ? null : new();

    public void Report(StepProgress value) => Console.Error.Write($"\r[{value.Step + 1}/{value.Steps}] {value.Transform}".PadRight(60) + "\r");
}
