using System.CommandLine;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Cli.Commands;
using TransformFramework.Cli.Supervision;
using TransformFramework.Diagnostics;
using TransformFramework.Dsl;
using TransformFramework.Engine;
using TransformFramework.Engine.Files;
using TransformFramework.Engine.Models;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.Execution;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Reports;
using TransformFramework.Workflows.Sharding;

namespace TransformFramework.Cli;

/// <summary>The program's commands; turns every failure into one message and an exit code.</summary>
internal static class CommandLine
{
    /// <summary>Runs the program and gives its exit code.</summary>
    public static int Run(string[] arguments)
    {
        PluginEntries.Connect();
        var stop = new StopSignals();
        using var ending = new ProcessEnding();
        if (!OperatingSystem.IsWindows())
            Console.SetOut(new StandardOutput());
        try
        {
            try
            {
                return Supervisor.IsNeeded(arguments) && Supervisor.Run(arguments, stop) is { } exitCode ? exitCode : Invoke(arguments, stop.Token);
            }
            finally
            {
                Console.Out.Flush();
            }
        }
        catch (Exception error)
        {
            CommandException failure = Failure(error);
            ShowFailure(failure, error, asJson: arguments.Contains("--json") || arguments.Contains("--format=json"));
            return failure.ExitCode;
        }
    }

    /// <summary>The message goes to stderr, and to stdout as JSON where results are JSON. Streams that are closed at the other end do not matter.</summary>
    private static void ShowFailure(CommandException failure, Exception error, bool asJson)
    {
        try
        {
            if (failure.ExitCode == ExitCodes.Internal)
                Console.Error.WriteLine(error);
            Console.Error.WriteLine(DiagnosticRenderer.Render(failure.Diagnostic, failure.Script?.Text, failure.Script?.Name));
            if (!asJson)
                return;
            Console.Out.WriteLine(RunReport.Serialize(new { schema_version = 1, error = RunReport.Describe(failure.Diagnostic) }));
            Console.Out.Flush();
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
        }
    }

    /// <summary>Standard output, which code of plugins cannot close.</summary>
    private sealed class StandardOutput() : StreamWriter(Console.OpenStandardOutput())
    {
        public override void Close() => Flush();

#pragma warning disable CA2215 // The stream stays open on purpose.
        protected override void Dispose(bool disposing)
        {
        }
#pragma warning restore CA2215
    }

    private static CommandException Failure(Exception error) => error switch
    {
        CommandException failure => failure,
        ScriptException { Diagnostics: [var first, ..] } script => new(ExitCodes.Usage, first) { Script = script.Script },
        PipelineException pipeline => new(pipeline.Failure.IsPluginFault ? ExitCodes.Plugin : ExitCodes.Failed, pipeline.Diagnostic) { Script = pipeline.Script },
        EndpointException endpoint => CommandException.Usage($"--{endpoint.List}: {endpoint.Message}", endpoint.Suggestion),
        FeedException { IsOfLabelledImages: true } images => CommandException.Usage(images.Message, images.Suggestion),
        FeedException feed => CommandException.Usage($"--feed{(feed.Input is null ? "" : $" {feed.Input}")}: {feed.Message}", feed.Suggestion),
        OutputFormatException format => CommandException.Usage(format.Message, format.Suggestion),
        ModelRefusedException refused => new(ExitCodes.Failed, Diagnostic.Error(refused.DiagnosticId, refused.Message) with { Suggestion = refused.Suggestion }),
        ModelFormatException file when file.DiagnosticId == ToolkitDiagnostics.Unwritable.Id => new(ExitCodes.Failed, Diagnostic.Error(file.DiagnosticId, file.Message) with { Suggestion = file.Suggestion }),
        ModelFormatException value when value.DiagnosticId == EngineDiagnostics.MismatchedValue.Id => new(ExitCodes.Usage, Diagnostic.Error(value.DiagnosticId, value.Message) with { Suggestion = value.Suggestion }),
        ModelFormatException model => new(ExitCodes.ModelUnreadable, Diagnostic.Error(model.DiagnosticId, model.Message) with { Suggestion = model.Suggestion ?? "Export or download the model again." }),
        PluginException plugin => new(ExitCodes.Plugin, Diagnostic.Error(plugin.DiagnosticId, plugin.Message) with { Suggestion = plugin.Suggestion }),
        WorkException work => new(work.IsMissing ? ExitCodes.NotYet : work.IsOfCommandLine ? ExitCodes.Usage : ExitCodes.Failed, work.Diagnostic),
        ExecutionException { InnerException: OutOfMemoryException } execution when execution.Message.Contains("not enough memory", StringComparison.Ordinal) => OutOfMemory(execution.Message),
        ExecutionException execution => new(ExitCodes.Failed, CliDiagnostics.RunFailed.With(execution.Message) with { Node = execution.Node, Suggestion = execution.Kind == StatusKind.Unimplemented ? "A plugin can bring a kernel (--plugin=PATH); docs/writing-a-plugin.md says how." : null }),
        OperationCanceledException => new(ExitCodes.Cancelled, CliDiagnostics.Cancelled.With()),
        OutOfMemoryException or InsufficientExecutionStackException => OutOfMemory("there is not enough memory"),
        AggregateException { InnerExceptions: [var inner] } => Failure(inner),
        AggregateException several when several.InnerExceptions.FirstOrDefault(inner => inner is OutOfMemoryException) is { } memory => Failure(memory),
        AggregateException { InnerExceptions: [WorkException first, ..] } => Failure(first),
        TypeLoadException or MissingMemberException or BadImageFormatException => new(ExitCodes.Plugin, EngineDiagnostics.MixedBuilds.With(error.Message) with { Suggestion = EngineDiagnostics.MixedBuilds.Remedy }),
        IOException when IsWorkingDirectoryGone() => CommandException.Usage("the working directory is not there any more", "Change to a folder that exists, or give absolute paths."),
        IOException or UnauthorizedAccessException => new(ExitCodes.Failed, CliDiagnostics.InputOutput.With(error.Message)),
        _ => new(ExitCodes.Internal, CliDiagnostics.InternalError.With(error.Message) with { Suggestion = "Report it with the command line and the lines above; --reproducer=DIR keeps the graph of a failing step." }),
    };

    private static CommandException OutOfMemory(string message) =>
        new(ExitCodes.Failed, CliDiagnostics.OutOfMemory.With($"{message}; nothing was written") with { Suggestion = "Run it where there is more, or on a smaller graph, batch or number of samples." });

    private static bool IsWorkingDirectoryGone()
    {
        try
        {
            return !Directory.Exists(Environment.CurrentDirectory);
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>Refuses what is wrong with the words, whatever the command.</summary>
    private static void Check(CommandContext context, System.CommandLine.ParseResult parsed)
    {
        new WordCheck(parsed, context).Run();
        context.CheckCommonOptions();
    }

    private static int Invoke(string[] arguments, CancellationToken cancellation)
    {
        Command root = TransformCommand.Create(cancellation);
        foreach (Option option in CommonOptions.OfEveryCommand)
            root.Options.Add(option);
        foreach (Command command in CommandList.Create(cancellation))
            root.Subcommands.Add(command);
        string[] words = ArgumentSpelling.Normalize(arguments, root);
        System.CommandLine.ParseResult parsed = root.Parse(words, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (!parsed.Has(CommonOptions.Help))
            Check(new CommandContext(parsed, cancellation), parsed);
        return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    }
}
