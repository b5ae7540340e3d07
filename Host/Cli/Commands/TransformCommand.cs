using System.Collections.Immutable;
using System.CommandLine;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Cli.Rendering;
using TransformFramework.Diagnostics;
using TransformFramework.Dsl;
using TransformFramework.Dsl.Syntax;
using TransformFramework.Engine.Files;
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
    private static readonly ModelArguments Model = new();
    private static readonly OutputArguments Output = new();
    private static readonly Option<string> Inputs = new("--inputs") { HelpName = "NAMES", Description = "Names of the graph's inputs, separated by commas" };
    private static readonly Option<string> Outputs = new("--outputs") { HelpName = "NAMES", Description = "Names of the graph's outputs, separated by commas" };
    private static readonly ScriptArguments Transforms = new();
    private static readonly Option<string> OutputAsText = CommonOptions.Flag("--output_as_text", "Write protobuf's text format");
    private static readonly Option<string> Verbatim = CommonOptions.Flag("--verbatim", "Write exactly what the original tool writes, flaws included");
    private static readonly Option<string> Explain = new("--explain") { HelpName = "TRANSFORM", Description = "Say why nodes were left as they were; for one transform or all", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string> Check = new("--check") { HelpName = "FILE.npz", Description = "Run the graph before and after each step and compare: on random inputs, or on the arrays of an .npz file named after the inputs (/ as __)", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string> Evaluate = CommonOptions.Evaluate();
    private static readonly Option<string> DryRun = CommonOptions.Flag("--dry_run", "Run the script, but write nothing");
    private static readonly Option<string> Reproducer = new("--reproducer") { HelpName = "FOLDER", Description = "A folder for the graph and the rest of the script when a step fails" };
    private static readonly ReportArguments Report = new();

    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("transform_graph", "Transforms TensorFlow graphs by scripts of plugin transforms.")
        {
            Inputs, Outputs, Transforms.Script, Transforms.File, OutputAsText, Verbatim, Explain, Check, Evaluate, DryRun, Reproducer,
        };
        Model.AddTo(command, hasArgument: false);
        Output.AddTo(command);
        Report.AddTo(command);
        command.SetAction(parsed => Run(new(parsed, cancellation)));
        return command;
    }

    private static int Run(CommandContext context)
    {
        string input = Model.PathOf(context);
        ModelOutput? target = context.Has(DryRun) ? null : Target(context);
        bool isReported = Report.IsAsked(context);
        ScriptText text = Transforms.Read(context);
        Script script = ScriptSource.Parse(text, context.IsQuiet);
        if (script.Calls.IsEmpty)
            throw CommandException.Usage("You must specify at least one transform.", "'transform_graph list' shows every transform.");
        var printed = ExplainedBy(context, context.Catalog);
        var runner = new PipelineRunner(context.Catalog);
        runner.Prepare(script);
        using LoadedModel model = Model.OpenPath(context, input, context.Value(Outputs), acceptsEmpty: context.Has(Verbatim), acceptsFlaws: true);
        if (target is not null && !context.Has(Verbatim))
            model.PrepareOrigin();
        if (!context.Has(Verbatim))
            context.Say(model.Flaws.Select(flaw => flaw with { Severity = Severity.Warning }));
        var options = new PipelineOptions
        {
            InputNames = Tensors(context.Value(Inputs), model.Endpoints.Signature is null ? [] : model.Endpoints.Inputs, model.Endpoints.FindInput),
            OutputNames = Tensors(context.Value(Outputs), model.Endpoints.Signature is null ? [] : model.Endpoints.Outputs, model.Endpoints.FindOutput),
            Mode = context.Has(Verbatim) ? TransformMode.Verbatim : TransformMode.Safe,
            Explain = context.IsJson || isReported ? ["*"] : printed,
        };
        WarnOfNoOutputs(context, script, options);
        if (context.Has(Check))
            options = options with { Check = CheckOn(context, model.Endpoints, options) };
        long bytesBefore = model.FileBytes;
        GraphHistory? history = isReported ? new(model.Graph) : null;
        options = options with { AfterStep = history is null ? null : history.Add };
        using ProgressDisplay progress = ProgressDisplay.For(context);
        var result = runner.Run(model.Graph, script, options, context.Cancellation, progress);
        progress.Dispose();
        StepPrinter.PrintDiagnostics(result, context.Catalog, text, printed, context.IsVerbose, context.IsQuiet);
        if (result.Failure is { } failure)
        {
            if (history is not null)
                Report.Write(context, Reported(model, text, result, options, history));
            throw Failed(context, failure, script, options, text);
        }
        (Accuracy Before, Accuracy After)? accuracy = context.Path(Evaluate) is { } images ? Compared(context, model.Graph, result.Graph!, options, images) : null;
        Report? report = history is null ? null : Judged(context, Reported(model, text, result, options, history), model, result.Graph!, options, accuracy);
        WrittenModel? written = target?.Write(model.ContentWith(result.Graph!), WriteOptions(options, result.Graph!), context.Cancellation, model.Dispose, context.Has(Verbatim) ? null : model.Origin(result.WrittenFor));
        context.Say(written?.Diagnostics ?? []);
        if (report is not null)
            Report.Write(context, (report with { OutGraph = target?.Path, BytesWritten = written?.Bytes }).WithTransformSummary());
        if (context.IsJson)
            Console.Out.WriteLine(RunReport.ToJson(result, input, target?.Path, written?.Bytes, options.Check));
        else if (!context.IsQuiet)
            StepPrinter.PrintTable(result, input, bytesBefore, written, options.Check);
        if (accuracy is var (before, after) && !context.IsQuiet)
            (context.IsJson ? Console.Error : Console.Out).WriteLine(AccuracyText.Describe(before, after));
        return ExitCodes.Done;
    }

    private static void WarnOfNoOutputs(CommandContext context, Script script, PipelineOptions options)
    {
        if (options is { Mode: TransformMode.Safe, OutputNames.IsEmpty: true } && script.Calls.FirstOrDefault(call => call.Name == "strip_unused_nodes") is { } strip && !strip.Arguments.Any(argument => argument.Name == "name"))
            context.Say([CliDiagnostics.NoOutputs.With() with { Suggestion = "Name the outputs with --outputs=a,b; 'transform_graph summarize' shows them." }]);
    }

    private static ModelOutput Target(CommandContext context)
    {
        if (!context.Has(OutputAsText))
            return Output.Resolve(context);
        ModelOutput target = ModelOutput.GraphDefText(context.RequiredOutputPath(Output.OutGraph), Output.Reader(context));
        OutputPlace.Check(target);
        return target;
    }

    /// <summary>Public names become tensors; names that are not in the graph stay, for the pipeline to warn of.</summary>
    private static ImmutableArray<string> Tensors(string? list, ImmutableArray<ModelEndpoint> otherwise, Func<string, ModelEndpoint?> find) =>
        list is null ? [.. otherwise.Select(endpoint => endpoint.Tensor)] : [.. NameList.Split(list).Select(name => find(name)?.Tensor ?? name)];

    private static ModelWriteOptions WriteOptions(PipelineOptions options, Graph graph)
    {
        var endpoints = new ModelEndpoints(graph, signature: null);
        return new()
        {
            Inputs = options.InputNames.IsEmpty ? [.. endpoints.Inputs.Select(input => input.Tensor)] : [.. options.InputNames.Where(name => graph.TryFind(new NodeInput(name).Node, out _))],
            Outputs = options.OutputNames.IsEmpty ? [.. endpoints.Outputs.Select(output => output.Tensor)] : options.OutputNames,
        };
    }

    private static ImmutableArray<string> ExplainedBy(CommandContext context, PluginCatalog catalog)
    {
        if (!context.Has(Explain))
            return [];
        if (context.Value(Explain) is not { } name)
            return ["*"];
        return catalog.FindQualified(name) is { } transform ? [transform.Name] : throw catalog.Unknown(name);
    }

    private static StepCheck CheckOn(CommandContext context, ModelEndpoints endpoints, PipelineOptions options)
    {
        string[] outputs = GraphOutputs.Resolve(endpoints, string.Join(',', options.OutputNames)).Tensors();
        try
        {
            var feeds = context.Value(Check) is { Length: > 0 } file ? FeedArguments.FromArchive(endpoints, file) : FeedArguments.Random(endpoints.Graph, outputs, seed: 1);
            return new(context.Backend, outputs, feeds);
        }
        catch (FeedException error)
        {
            throw CommandException.Usage($"--check: {error.Message}", "Give --check=INPUTS.npz with an array per input.");
        }
    }

    private static (Accuracy Before, Accuracy After) Compared(CommandContext context, Graph before, Graph after, PipelineOptions options, string images)
    {
        string? input = options.InputNames.FirstOrDefault();
        string? output = options.OutputNames.FirstOrDefault();
        Accuracy reference = Accuracy.Measure(context.Backend, new ModelEndpoints(before, signature: null), input, output, images, batch: 1, Console.Error.WriteLine, context.Cancellation);
        Accuracy accuracy = Accuracy.Measure(context.Backend, new ModelEndpoints(after, signature: null), input, output, images, batch: 1, Console.Error.WriteLine, context.Cancellation);
        return (reference, accuracy);
    }

    private static CommandException Failed(CommandContext context, StepFailure failure, Script script, PipelineOptions options, ScriptText text)
    {
        if (context.Path(Reproducer) is { } folder && failure.Step >= 0)
            Console.Error.WriteLine(DiagnosticRenderer.Render(Reproduce(context, folder, failure, script, options), null, null));
        if (context.IsVerbose && failure.Cause is { } cause)
            Console.Error.WriteLine(cause);
        int code = failure.IsPluginFault ? ExitCodes.Plugin : failure.Step < 0 ? ExitCodes.Usage : ExitCodes.Failed;
        string where = failure is { Step: >= 0, Call: not null } ? $"step {failure.Step + 1}, {failure.Call.QualifiedName}: " : "";
        return new(code, failure.Diagnostic with { Message = where + failure.Diagnostic.Message }) { Script = text };
    }

    private static Diagnostic Reproduce(CommandContext context, string folder, StepFailure failure, Script script, PipelineOptions options)
    {
        try
        {
            ReproducerWriter.Write(folder, failure, script, options, Repeated(context), context.Cancellation);
            return CliDiagnostics.ReproducerWritten.With(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ModelFormatException)
        {
            return CliDiagnostics.ReproducerLost.With(folder, error.Message) with { Suggestion = "Name a folder that may be written to." };
        }
    }

    /// <summary>Options that the command of a reproducer needs too, as a shell takes them.</summary>
    private static string Repeated(CommandContext context) => string.Concat(
    [
        .. context.Values(CommonOptions.Plugin).Select(path => " " + Shell.Option("--plugin", Path.GetFullPath(path))),
        .. context.Has(Check) ? [context.Path(Check) is { } file ? " " + Shell.Option("--check", Path.GetFullPath(file)) : " --check"] : Array.Empty<string>(),
    ]);

    private static Report Reported(LoadedModel model, ScriptText text, PipelineResult result, PipelineOptions options, GraphHistory history)
    {
        Report report = ReportArguments.Begin("transform", model.Path).WithRun(result, options.Check) with
        {
            Script = text.Text,
            BytesRead = model.FileBytes,
            Graph = history.ToReport(options.InputNames, options.OutputNames),
        };
        return report.WithTransformSummary();
    }

    /// <summary>The report with the accuracy where that was measured, and with layer by layer differences where a check's inputs are known.</summary>
    private static Report Judged(CommandContext context, Report report, LoadedModel model, Graph after, PipelineOptions options, (Accuracy Before, Accuracy After)? accuracy)
    {
        if (accuracy is var (reference, judged))
        {
            var images = AccuracyReport.ThumbnailsOf(new ModelEndpoints(model.Graph, signature: null), options.InputNames.FirstOrDefault(), context.Path(Evaluate)!);
            report = report with { Accuracy = AccuracyReport.Of(("before", reference), ("after", judged), images) };
        }
        return options.Check is { } check ? report with { Layers = LayerProfile.Of(context.Backend, model.Graph, after, check.Outputs, [check.Feeds], ranges: null, context.Cancellation) } : report;
    }
}
