using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Cli.Rendering;
using TransformFramework.Diagnostics;
using TransformFramework.Engine.Models;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Calibration;
using TransformFramework.Workflows;
using TransformFramework.Workflows.Calibration;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Evaluation;
using TransformFramework.Workflows.Inspection;
using TransformFramework.Workflows.Quantization;
using TransformFramework.Workflows.Reports;
using TransformFramework.Workflows.Sharding;

namespace TransformFramework.Cli.Commands;

/// <summary>From a float graph and samples to a static 8-bit graph in one go: folds, equalizes, calibrates, quantizes, and says what it costs.</summary>
internal static class QuantizeCommand
{
    private const double Percent = 100;
    private static readonly ModelArguments Model = new();
    private static readonly OutputArguments Output = new();
    private static readonly Option<string> Data = DataOption.Create("Samples, as 'calibrate --data' takes them; a hundred typical ones are enough");
    private static readonly Option<string> Evaluate = CommonOptions.Evaluate();
    private static readonly Option<string> Inputs = CommonOptions.Inputs();
    private static readonly Option<string> Outputs = CommonOptions.Outputs();
    private static readonly Option<string> Method = new("--method") { HelpName = "NAME", Description = "How ranges are chosen: min_max, percentile, mean_squared_error or entropy; without it the first three are tried and what agrees best with the float graph is kept" };
    private static readonly Option<string> Headroom = new("--headroom") { HelpName = "FACTOR", Description = "By how much ranges but those of inputs are widened for values that no sample shows, from 1 to 16; 1.15 without it, more where samples are few or unlike what is to come" };
    private static readonly Option<string> Equalizes = new("--equalize") { HelpName = "auto|true|false", Description = "Whether channels are equalized first; auto, without it, tries both and keeps what agrees better with the float graph" };
    private static readonly Option<string> Arguments = new("--arguments") { HelpName = "ARGUMENTS", Description = "Further arguments of the transform quantize, such as 'exclude=\"*logits*\", per_channel=false'" };
    private static readonly Option<string> Rounding = new("--rounding") { HelpName = "nearest|gptq", Description = "How weights are rounded: gptq, for the data that the samples show, is more accurate and takes longer; without it nearest, with weights_only gptq" };
    private static readonly Option<string> Samples = CommonOptions.Samples();
    private static readonly Option<string> Explain = new("--explain") { HelpName = "TRANSFORM", Description = "Say why nodes were left as they were; for one transform, such as quantize, or all", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string> Threshold = new("--threshold") { HelpName = "PERCENT", Description = "Warn when fewer answers than these are the float graph's; 97 without it" };

    private const string Step = "quantize";
    private static readonly ShardArguments Shards = new();
    private static readonly ReportArguments Report = new();

    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("quantize", "Makes a static 8-bit graph of a float one: folds, equalizes, calibrates, quantizes, measures") { Data, Evaluate, Inputs, Outputs, Method, Headroom, Equalizes, Rounding, Arguments, Samples, Explain, Threshold };
        Model.AddTo(command).AddFixedFeedsTo(command);
        Output.AddTo(command);
        Shards.AddTo(command);
        Report.AddTo(command);
        command.SetAction(parsed => Run(new(parsed, cancellation)));
        return command;
    }

    private static int Run(CommandContext context)
    {
        string input = Model.PathOf(context);
        ModelOutput target = Output.Resolve(context);
        string data = context.RequiredPath(Data);
        bool isReported = Report.IsAsked(context);
        QuantizeOptions options = OptionsOf(context);
        int most = context.MostSamples(Samples);
        double threshold = context.Real(Threshold, otherwise: 97, most: Percent);
        CheckArguments(context, options.Arguments);
        ImmutableArray<string> explained = ExplainedBy(context);
        using LoadedModel model = Model.OpenPath(context, input, context.Value(Outputs));
        string[] outputs = GraphOutputs.Resolve(model.Endpoints, context.Value(Outputs)).Tensors();
        string[] inputs = GraphInputs.ResolveAll(model.Endpoints, context.Value(Inputs)).Tensors();
        var quantization = new StaticQuantization(context.Catalog, context.Backend, [.. inputs], [.. outputs], target, Console.Error.WriteLine, context.Cancellation) { Explain = explained };
        if (Shards.ShardOf(context) is { } shard)
            return Shards.Run(context, Step, shard, Fingerprint(context, model), () => MeasuredRangesOf(context, model, quantization, options, Shards.SelectionOf(context, shard, most)));
        context.Say(SampleOverlap.Find(data, context.Path(Evaluate)) is { } known ? [known] : []);
        using ProgressDisplay progress = ProgressDisplay.For(context);
        return DataOption.Read(Data, () =>
        {
            MeasuredRanges? measured = Shards.MergedOf(context) is { } folder ? Merged(context, folder, Fingerprint(context, model)) : null;
            var run = new QuantizationRun(quantization, model.Graph, SamplesOf, new QuantizationSearch(quantization, SamplesOf, options) { SampleFile = most == int.MaxValue ? data : null, Ranges = measured })
            {
                Accuracy = context.Path(Evaluate) is { } labelled ? judged => AccuracyOf(judged, labelled) : null,
                Threshold = threshold,
                Warn = diagnostic => context.Say([diagnostic]),
            };
            QuantizationOutcome outcome = run.Run(progress);
            QuantizationAttempt best = outcome.Best;
            long bytes = model.FileBytes;
            Report? report = isReported ? Reported(context, model, quantization, outcome, SamplesOf()) : null;
            WrittenModel written = quantization.Save(model, best.Result.Graph!, best.Result.WrittenFor, best.Ranges, best.Samples);
            context.Say(written.Diagnostics);
            progress.Dispose();
            StepPrinter.PrintDiagnostics(best.Result, context.Catalog, best.Script.Source, explained, context.IsVerbose, context.IsQuiet);
            Print(context, outcome, input, bytes, written, quantization.RangesPath);
            if (report is not null)
                Report.Write(context, (report with { OutGraph = written.Path, BytesWritten = written.Bytes }).WithQuantizationSummary(best.Agreement, RangeMethods.NameOf(best.Choice.Method)));
            return ExitCodes.Done;
        });

        IEnumerable<IReadOnlyDictionary<string, Tensor>> SamplesOf() => SampleData.Read(model.Endpoints, inputs, data, Shards.SelectionOf(context, part: null, most));

        Accuracy AccuracyOf(Graph judged, string labelled) =>
            Accuracy.Measure(context.Backend, new ModelEndpoints(judged, signature: null), inputs.FirstOrDefault(), outputs[0], labelled, batch: 1, Console.Error.WriteLine, context.Cancellation, progress);
    }

    private static (long Items, int Bad, Action<Stream> Write) MeasuredRangesOf(CommandContext context, LoadedModel model, StaticQuantization quantization, QuantizeOptions options, SampleSelection selection)
    {
        using ProgressDisplay progress = ProgressDisplay.For(context);
        SampleSelection pass = selection;
        var search = new QuantizationSearch(quantization, () => SampleData.Read(model.Endpoints, quantization.Inputs, context.RequiredPath(Data), pass = Shards.SelectionOf(context, selection.Shard, selection.Most)), options);
        MeasuredRanges ranges = DataOption.Read(Data, () => search.Measure(model.Graph, progress));
        return (ranges.Samples, pass.Bad!.Count, ranges.Write);
    }

    private static MeasuredRanges Merged(CommandContext context, ShardFolder folder, ShardFingerprint fingerprint)
    {
        var (ranges, _) = Shards.Merge(context, folder, Step, fingerprint, MeasuredRanges.Read, (all, next) => all.Merge(next));
        return ranges.Samples > 0 ? ranges : throw new FeedException("there are no samples");
    }

    private static ShardFingerprint Fingerprint(CommandContext context, LoadedModel model) =>
        ShardFingerprint.Of([model.Graph], context.Spelt([Inputs, Outputs, Samples, Equalizes, Arguments, Rounding, .. Model.Choices]), ShardArguments.FingerprintOf(context, Data), context.Cancellation);

    private static QuantizeOptions OptionsOf(CommandContext context)
    {
        var arguments = QuantizeArguments.Parse(context.Value(Arguments) ?? "");
        if (context.Value(Rounding) is { } rounding)
            arguments = arguments.Without("rounding").With("rounding", rounding);
        return new()
        {
            Method = context.Has(Method) ? context.RangeMethodOf(Method) : null,
            Headroom = (float)context.Real(Headroom, otherwise: QuantizeOptions.DefaultHeadroom, least: 1, most: RangeChoice.MostHeadroom),
            Equalizes = context.Value(Equalizes) switch
            {
                null or "auto" => null,
                "true" => true,
                "false" => false,
                string other => throw CommandException.Usage($"--equalize is auto, true or false, not '{other}'"),
            },
            Arguments = arguments.ArgumentList,
        };
    }

    /// <summary>Finds a wrong argument of the transform quantize before samples are read.</summary>
    private static void CheckArguments(CommandContext context, string arguments)
    {
        var text = new ScriptText($"quantize(ranges=FILE{(arguments.Length == 0 ? "" : ", ")}{arguments})", "--arguments");
        Diagnostic[] errors = [.. ScriptLint.Find(ScriptSource.Parse(text, quiet: true), context.Catalog, graph: null).Where(found => found.Severity == Severity.Error)];
        if (errors.Length > 0)
            throw new CommandException(ExitCodes.Usage, errors[0]) { Script = text };
    }

    private static ImmutableArray<string> ExplainedBy(CommandContext context)
    {
        if (!context.Has(Explain))
            return [];
        return context.Value(Explain) is { } transform ? [(context.Catalog.FindQualified(transform) ?? throw context.Catalog.Unknown(transform)).Name] : ["*"];
    }

    private static Report Reported(CommandContext context, LoadedModel model, StaticQuantization quantization, QuantizationOutcome outcome, IEnumerable<IReadOnlyDictionary<string, Tensor>> samples)
    {
        Report report = QuantizationReport.Fill(ReportArguments.Begin("quantize", model.Path).WithRun(outcome.Best.Result), quantization, model.Graph, outcome.Best, samples) with { BytesRead = model.FileBytes };
        return outcome.Accuracy is not var (before, after)
            ? report
            : report with { Accuracy = AccuracyReport.Of(("float", before), ("8 bits", after), AccuracyReport.ThumbnailsOf(new ModelEndpoints(model.Graph, signature: null), quantization.Inputs.FirstOrDefault(), context.Path(Evaluate)!)) };
    }

    private static void Print(CommandContext context, QuantizationOutcome outcome, string input, long bytes, WrittenModel written, string ranges)
    {
        QuantizationAttempt attempt = outcome.Best;
        Agreement agreement = attempt.Agreement;
        string method = RangeMethods.NameOf(attempt.Choice.Method);
        if (context.IsJson)
        {
            Console.Out.WriteLine(RunReport.Serialize(new
            {
                schema_version = 1,
                file = written.Path,
                format = written.Format,
                ranges,
                bytes_before = bytes,
                bytes_after = written.Bytes,
                method,
                headroom = attempt.Choice.Headroom,
                equalized = attempt.Script.Equalizes,
                samples = agreement.Samples,
                same_answers = agreement.Share,
                sqnr_db = double.IsFinite(agreement.Sqnr) ? agreement.Sqnr : (double?)null,
                accuracy = outcome.Accuracy is var (before, after) ? new { images = after.Images, top1_before = before.Top1, top1_after = after.Top1, same_answers = after.SameAs(before) } : null,
                script = attempt.Script.Source.Text,
            }));
            return;
        }
        if (context.IsQuiet)
            return;
        StepPrinter.PrintTable(attempt.Result, input, bytes, written);
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"against float on {agreement.Samples} {(agreement.Samples == 1 ? "sample" : "samples")}: same answer {agreement.Share * Percent:F2} % (95 %: {AccuracyText.Ends(ShareInterval.Of(agreement.SameTop, agreement.Rows))}), {AccuracyText.Difference(agreement.Noise)} (ranges by {method}{(attempt.Choice.Headroom > 1 ? $", {attempt.Choice.Headroom} times as wide" : "")})"));
        if (outcome.Accuracy is var (reference, judged))
            Console.Out.WriteLine(AccuracyText.Describe(reference, judged));
        Console.Out.WriteLine($"\nThe same by a script, to keep and edit (--transforms_file):\n\n{attempt.Script.Source.Text}");
    }
}
