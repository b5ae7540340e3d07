using System.Collections.Immutable;
using System.CommandLine;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Cli.Rendering;
using TransformFramework.Diagnostics;
using TransformFramework.Dsl;
using TransformFramework.Dsl.Syntax;
using TransformFramework.Engine.Models;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Transforms;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Evaluation;
using TransformFramework.Workflows.Reports;

namespace TransformFramework.Cli.Commands;

/// <summary>The root command, the original's job: a script from graph file to graph file.</summary>
internal static class TransformCommand
{
    private static readonly Option<string> InGraph = CommonOptions.InGraph();
    private static readonly Option<string> OutGraph = new("--out_graph") { HelpName = "FILE", Description = "Graph file to write" };
    private static readonly Option<string> Inputs = new("--inputs") { HelpName = "NAMES", Description = "Names of the graph's inputs, separated by commas" };
    private static readonly Option<string> Outputs = new("--outputs") { HelpName = "NAMES", Description = "Names of the graph's outputs, separated by commas" };
    private static readonly Option<string> Transforms = new("--transforms") { HelpName = "SCRIPT", Description = "The script: name(argument=value, …) …" };
    private static readonly Option<string> TransformsFile = new("--transforms_file") { HelpName = "FILE", Description = "A file with the script; - for standard input" };
    private static readonly Option<string> OutputAsText = CommonOptions.Flag("--output_as_text", "Write protobuf's text format");
    private static readonly Option<string> Verbatim = CommonOptions.Flag("--verbatim", "Write exactly what the original tool writes, flaws included");
    private static readonly Option<string> Explain = new("--explain") { HelpName = "TRANSFORM", Description = "Say why nodes were left as they were; for one transform or all", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string> Check = new("--check") { HelpName = "FILE.npz", Description = "Run the graph before and after each step and compare: on random inputs, or on the arrays of an .npz file named after the inputs (/ as __)", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string> Evaluate = new("--evaluate") { HelpName = "D.npz|FOLDER", Description = "Labelled pictures, as 'evaluate --data' takes them: measure the accuracy before and after" };
    private static readonly Option<string> DryRun = CommonOptions.Flag("--dry_run", "Run the script, but write nothing");
    private static readonly Option<string> Reproducer = new("--reproducer") { HelpName = "FOLDER", Description = "A folder for the graph and the rest of the script when a step fails" };
    private static readonly Option<string> Report = new("--report") { HelpName = "FILE", Description = "A file for the report of all steps, as JSON" };

    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("transform_graph", "Transforms TensorFlow graphs by scripts of plugin transforms.")
        {
            InGraph, OutGraph, Inputs, Outputs, Transforms, TransformsFile, OutputAsText, Verbatim, Explain, Check, Evaluate, DryRun, Reproducer, Report,
        };
        command.SetAction(parsed => Run(parsed, cancellation));
        return command;
    }

    private static int Run(System.CommandLine.ParseResult parsed, CancellationToken cancellation)
    {
        string input = PathExpansion.Expand(parsed.Required(InGraph));
        bool dryRun = parsed.Has(DryRun);
        string? output = dryRun ? null : PathExpansion.Expand(parsed.Required(OutGraph));
        bool asText = parsed.Has(OutputAsText);
        bool quiet = parsed.Has(CommonOptions.Quiet);
        bool json = parsed.IsJson();
        ScriptText text = ScriptOf(parsed, cancellation);
        Script script = ScriptSource.Parse(text, quiet);
        if (script.Calls.IsEmpty)
            throw CommandException.Usage("You must specify at least one transform.", "'transform_graph list' shows every transform.");
        PluginCatalog catalog = parsed.Catalog();
        var printed = ExplainedBy(parsed, catalog);
        var options = new PipelineOptions
        {
            InputNames = Names(parsed.GetValue(Inputs)),
            OutputNames = Names(parsed.GetValue(Outputs)),
            Mode = parsed.Has(Verbatim) ? TransformMode.Verbatim : TransformMode.Safe,
            Explain = json || parsed.GetValue(Report) is not null ? ["*"] : printed,
        };

        using LoadedModel model = ModelFile.Open(input, cancellation, acceptEmpty: parsed.Has(Verbatim));
        if (parsed.GetResult(Check) is not null)
            options = options with { Check = CheckOn(parsed, model.Graph, options) };
        var result = new TransformPipeline(catalog).Run(model.Graph, script, options, cancellation, quiet ? null : ProgressLine.ForTerminal());
        StepPrinter.PrintDiagnostics(result, catalog, text, printed, parsed.Has(CommonOptions.Verbose), quiet);
        if (parsed.GetValue(Report) is { } report)
            WriteReport(report, RunReport.ToJson(result, input, output, null));
        if (result.Failure is { } failure)
            throw Failed(failure, parsed, script, options, text, cancellation);
        string? accuracy = parsed.GetValue(Evaluate) is { } pictures ? Compared(parsed, model.Graph, result.Graph!, options, PathExpansion.Expand(pictures), cancellation) : null;
        long? written = output is null ? null : ModelFile.Save(result.Graph!, output, asText, cancellation, model.Dispose);
        if (json)
            Console.Out.WriteLine(RunReport.ToJson(result, input, output, written));
        else if (!quiet)
            StepPrinter.PrintTable(result, input, model.FileBytes, output, written);
        if (accuracy is not null && !quiet)
            (json ? Console.Error : Console.Out).WriteLine(accuracy);
        return ExitCodes.Done;
    }

    private static ImmutableArray<string> ExplainedBy(System.CommandLine.ParseResult parsed, PluginCatalog catalog)
    {
        if (parsed.GetResult(Explain) is null)
            return [];
        if (parsed.GetValue(Explain) is not { } name)
            return ["*"];
        return catalog.FindQualified(name) is { } transform ? [transform.Name] : throw catalog.Unknown(name);
    }

    private static StepCheck CheckOn(System.CommandLine.ParseResult parsed, Graph graph, PipelineOptions options)
    {
        string[] outputs = GraphOutputs.Resolve(graph, string.Join(',', options.OutputNames));
        try
        {
            var feeds = parsed.GetValue(Check) is { Length: > 0 } file ? FeedArguments.FromArchive(graph, file) : FeedArguments.Random(graph, outputs, seed: 1);
            return new(parsed.Backend(), outputs, feeds);
        }
        catch (FeedException error)
        {
            throw CommandException.Usage($"--check: {error.Message}", "Give --check=INPUTS.npz with an array per input.");
        }
    }

    private static string Compared(System.CommandLine.ParseResult parsed, Graph before, Graph after, PipelineOptions options, string pictures, CancellationToken cancellation)
    {
        string? input = options.InputNames.FirstOrDefault();
        string? output = options.OutputNames.FirstOrDefault();
        Accuracy reference = Accuracy.Measure(parsed.Backend(), before, input, output, pictures, batch: 1, Console.Error.WriteLine, cancellation);
        Accuracy accuracy = Accuracy.Measure(parsed.Backend(), after, input, output, pictures, batch: 1, Console.Error.WriteLine, cancellation);
        return AccuracyText.Describe(reference, accuracy);
    }

    private static ScriptText ScriptOf(System.CommandLine.ParseResult parsed, CancellationToken cancellation)
    {
        string? text = parsed.GetValue(Transforms);
        string? file = parsed.GetValue(TransformsFile);
        if (text is not null && file is not null)
            throw CommandException.Usage("--transforms and --transforms_file are both given", "Give one of them.");
        if (file is not null)
            return ScriptSource.ReadFile(file, cancellation);
        return !string.IsNullOrEmpty(text)
            ? new(text, "--transforms")
            : throw CommandException.Usage("You must specify at least one transform.", "Add --transforms='…' or --transforms_file=FILE; 'transform_graph list' shows every transform.");
    }

    private static CommandException Failed(StepFailure failure, System.CommandLine.ParseResult parsed, Script script, PipelineOptions options, ScriptText text, CancellationToken cancellation)
    {
        if (parsed.GetValue(Reproducer) is { } folder && failure.Step >= 0)
            Console.Error.WriteLine(DiagnosticRenderer.Render(Reproduce(folder, failure, script, options, cancellation), null, null));
        int code = failure.IsPluginFault ? ExitCodes.Plugin : failure.Step < 0 ? ExitCodes.Usage : ExitCodes.Failed;
        string where = failure is { Step: >= 0, Call: not null } ? $"step {failure.Step + 1}, {failure.Call.QualifiedName}: " : "";
        return new(code, failure.Diagnostic with { Message = where + failure.Diagnostic.Message }) { Script = text };
    }

    private static Diagnostic Reproduce(string folder, StepFailure failure, Script script, PipelineOptions options, CancellationToken cancellation)
    {
        try
        {
            ReproducerWriter.Write(folder, failure, script, options, cancellation);
            return Diagnostic.Info("TFX0105", $"the graph before the failing step, the rest of the script and the command are in '{folder}'");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ModelFormatException)
        {
            return Diagnostic.Warning("TFX0106", $"--reproducer: nothing could be kept in '{folder}': {error.Message}") with { Suggestion = "Name a folder that may be written to." };
        }
    }

    private static void WriteReport(string path, string json)
    {
        try
        {
            File.WriteAllText(path, json + "\n");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCodes.Failed, Diagnostic.Error("TFX0102", $"the report '{path}' cannot be written: {error.Message}") with { Suggestion = "Check that the folder exists and may be written to." });
        }
    }

    private static ImmutableArray<string> Names(string? list) => string.IsNullOrEmpty(list) ? [] : [.. list.Split(',')];
}
