using System.CommandLine;

namespace TransformFramework.Cli.Commands;

/// <summary>Every command beside the root one, in the order of the help.</summary>
internal static class CommandList
{
    public static Command[] Create(CancellationToken cancellation) =>
    [
        ListCommand.Create(cancellation), DescribeCommand.Create(cancellation), FormatCommand.Create(cancellation), LintCommand.Create(cancellation), SummarizeCommand.Create(cancellation),
        ViewCommand.Create(cancellation), DiffCommand.Create(cancellation), PluginsCommand.Create(cancellation), PagesCommand.Create(cancellation),
        RunCommand.Create(cancellation), CompareCommand.Create(cancellation), EvaluateCommand.Create(cancellation), BenchmarkCommand.Create(cancellation), BenchmarkModelCommand.Create(cancellation),
        BisectCommand.Create(cancellation), ReduceCommand.Create(cancellation),
        CalibrateCommand.Create(cancellation), QuantizeCommand.Create(cancellation), TuneCommand.Create(cancellation), SubmitCommand.Create(cancellation), StatusCommand.Create(cancellation), CancelCommand.Create(cancellation), ConvertCommand.Create(cancellation), CompletionCommand.Create(cancellation),
        McpCommand.Create(cancellation), LanguageServerCommand.Create(cancellation),
    ];
}
