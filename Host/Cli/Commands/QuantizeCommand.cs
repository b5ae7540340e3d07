using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Cli.Rendering;
using TransformFramework.Diagnostics;
using TransformFramework.Engine.Models;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Calibration;
using TransformFramework.Workflows.Calibration;
using TransformFramework.Workflows.Comparison;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Evaluation;
using TransformFramework.Workflows.Inspection;
using TransformFramework.Workflows.Quantization;
using TransformFramework.Workflows.Reports;

namespace TransformFramework.Cli.Commands;

/// <summary>From a float graph and samples to a static 8-bit graph in one go: folds, equalizes, calibrates, quantizes, and says what it costs.</summary>
internal static class QuantizeCommand
{
    private const double Percent = 100;
    private static readonly ModelArguments Model = new();
    private static readonly OutputArguments Output = new();
    private static readonly Option<string> Data = new("--data") { HelpName = "PATH", Description = "Samples, as 'calibrate --data' takes them; a hundred typical ones are enough" };
    private static readonly Option<string> Evaluate = CommonOptions.Evaluate();
    private static readonly Option<string> Inputs = CommonOptions.Inputs();
    private static readonly Option<string> Outputs = CommonOptions.Outputs();
    private static readonly Option<string> Method = new("--method") { HelpName = "NAME", Description = "How ranges are chosen: min_max, percentile, mean_squared_error or entropy; without it the first three are tried and what agrees best with the float graph is kept" };
    private static readonly Option<string> Equalizes = new("--equalize") { HelpName = "auto|true|false", Description = "Whether channels are evened out first; auto, without it, tries both and keeps what agrees better with the float graph" };
    private static readonly Option<string> Arguments = new("--arguments") { HelpName = "ARGUMENTS", Description = "Further arguments of the transform quantize, such as 'exclude=\"*logits*\", per_channel=false'" };
    private static readonly Option<string> Rounding = new("--rounding") { HelpName = "nearest|gptq", Description = "How weights are rounded: gptq, for the data that the samples show, is more accurate and takes longer; nearest without it" };
    private static readonly Option<string> Samples = CommonOptions.Samples();
    private static readonly Option<string> Explain = new("--explain") { HelpName = "TRANSFORM", Description = "Say why nodes were left as they were; for one transform, such as quantize, or all", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string> Threshold = new("--threshold") { HelpName = "PERCENT", Description = "Warn when fewer answers than these are the float graph's; 97 without it" };

    private static readonly ReportArguments Report = new();

    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("quantize", "Makes a static 8-bit graph of a float one: folds, equalizes, calibrates, quantizes, measures") { Data, Evaluate, Inputs, Outputs, Method, Equalizes, Rounding, Arguments, Samples, Explain, Threshold };
        Model.AddTo(command).AddFixedFeedsTo(command);
        Output.AddTo(command);
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
        RangeMethod[] methods = context.Has(Method) ? [context.RangeMethodOf(Method)] : [RangeMethod.MeanSquaredError, RangeMethod.MinMax, RangeMethod.Percentile];
        bool[] variants = VariantsOf(context);
        QuantizeArguments arguments = ArgumentsOf(context);
        int most = (int)context.Integer(Samples, otherwise: int.MaxValue, least: 1, most: int.MaxValue);
        ImmutableArray<string> explained = !context.Has(Explain) ? [] : context.Value(Explain) is not { } transform ? ["*"] : [(context.Catalog.FindQualified(transform) ?? throw context.Catalog.Unknown(transform)).Name];
        double threshold = context.Real(Threshold, otherwise: 97);
        using LoadedModel model = Model.OpenPath(context, input, context.Value(Outputs));
        string[] outputs = GraphOutputs.Resolve(model.Endpoints, context.Value(Outputs)).Tensors();
        string[] inputs = GraphInputs.ResolveAll(model.Endpoints, context.Value(Inputs)).Tensors();
        var quantization = new StaticQuantization(context.Catalog, context.Backend, [.. inputs], [.. outputs], target, Console.Error.WriteLine, context.Cancellation) { Explain = explained };
        using ProgressDisplay progress = ProgressDisplay.For(context);
        Accuracy? before = AccuracyOf(model.Graph);
        try
        {
            SampleSurvey survey = SampleSurvey.Of(model.Graph, SamplesOf(), context.Cancellation);
            if (survey.First is { } given)
                FeedArguments.CheckComplete(model.Graph, outputs, given);
            if (survey.First is { } sample && NotFiniteOrigin.Find(context.Backend, model.Graph, outputs, sample, new CompileOptions { Feeds = [.. sample.Keys] }, context.Cancellation) is { } origin)
                context.Say($"warning {CliDiagnostics.FirstNotFinite.Id}: the float graph itself computes NaN or infinite numbers, first at '{origin.Name}' ({origin.Op})\n  help: Look at the samples and at the node's constants: what it gives cannot be quantized.");
            context.Say(survey.Warnings);
            var search = new QuantizationSearch(quantization, SamplesOf)
            {
                Methods = [.. methods],
                Scripts = [.. variants.Select(equalizes => quantization.Script(equalizes, (arguments.Find("samples") is null ? arguments.Without("rounding") : arguments).Text))],
                Correction = script => CorrectionOf(script.Equalizes),
                KeepsCorrection = arguments.Find("rounding") is "gptq",
            };
            QuantizationAttempt best = search.Best(model.Graph, progress);
            Accuracy? after = AccuracyOf(best.Result.Graph!);
            Diagnostic? warning = best.Agreement.Share * Percent < threshold ? Warning(context, best, outputs, SamplesOf().First()) : null;
            best.Ranges.Choice = best.Choice;
            long bytes = model.FileBytes;
            Report? report = isReported ? Reported(context, model, quantization, best, SamplesOf(), before, after) : null;
            WrittenModel written = quantization.Save(model, best.Result.Graph!, best.Result.WrittenFor, best.Ranges, best.Samples);
            context.Say(written.Diagnostics);
            progress.Dispose();
            StepPrinter.PrintDiagnostics(best.Result, context.Catalog, best.Script.Source, explained, context.IsVerbose, context.IsQuiet);
            if (warning is not null)
                context.Say([warning]);
            Print(context, best, input, bytes, written, quantization.RangesPath, before, after);
            if (report is not null)
                Report.Write(context, (report with { OutGraph = written.Path, BytesWritten = written.Bytes }).WithQuantizationSummary(best.Agreement, RangeMethods.NameOf(best.Choice.Method)));
            return ExitCodes.Done;
        }
        catch (FeedException error) when (!error.IsOfLabelledImages)
        {
            throw CommandException.Usage($"--data: {error.Message}", error.Suggestion);
        }

        (QuantizationScript, SampleArchive)? CorrectionOf(bool equalizes)
        {
            if (arguments.Find("samples") is not null)
                return null;
            if (SampleArchive.Of(data, most == int.MaxValue, inputs, SamplesOf(), quantization.SamplesPath) is { } archive)
                return (quantization.Script(equalizes, arguments.With("samples", archive.Path).Text), archive);
            return arguments.Find("rounding") is not "gptq" ? null : throw new FeedException("rounding=gptq needs samples of one row and one shape, at most 1 GiB");
        }

        IEnumerable<IReadOnlyDictionary<string, Tensor>> SamplesOf() => SampleData.Read(model.Endpoints, inputs, data).Take(most);

        Accuracy? AccuracyOf(Graph judged) => context.Path(Evaluate) is { } labelled
            ? Accuracy.Measure(context.Backend, new ModelEndpoints(judged, signature: null), inputs.FirstOrDefault(), outputs[0], labelled, batch: 1, Console.Error.WriteLine, context.Cancellation, progress)
            : null;
    }

    /// <summary>The user's arguments; residual sums stay unrounded, which costs no time, unless they say otherwise or 8 bits are all that the target has.</summary>
    private static QuantizeArguments ArgumentsOf(CommandContext context)
    {
        var given = QuantizeArguments.Parse(context.Value(Arguments) ?? "");
        if (context.Value(Rounding) is { } rounding)
            given = given.Without("rounding").With("rounding", rounding);
        bool isDecided = given.Find("residual") is not null || given.Find("target") == "tflite" || given.Find("weights_only") is not null;
        return isDecided ? given : given.With("residual", "unrounded");
    }

    private static bool[] VariantsOf(CommandContext context) => context.Value(Equalizes) switch
    {
        null or "auto" => [false, true],
        "true" => [true],
        "false" => [false],
        string other => throw CommandException.Usage($"--equalize is auto, true or false, not '{other}'"),
    };

    private static Report Reported(CommandContext context, LoadedModel model, StaticQuantization quantization, QuantizationAttempt best, IEnumerable<IReadOnlyDictionary<string, Tensor>> samples, Accuracy? before, Accuracy? after)
    {
        Report report = QuantizationReport.Fill(ReportArguments.Begin("quantize", model.Path).WithRun(best.Result), quantization, model.Graph, best, samples) with { BytesRead = model.FileBytes };
        return after is null
            ? report
            : report with { Accuracy = AccuracyReport.Of(("float", before!), ("8 bits", after), AccuracyReport.PicturesOf(new ModelEndpoints(model.Graph, signature: null), quantization.Inputs.FirstOrDefault(), context.Path(Evaluate)!)) };
    }

    private static Diagnostic Warning(CommandContext context, QuantizationAttempt attempt, string[] outputs, IReadOnlyDictionary<string, Tensor> feeds)
    {
        var layers = LayerComparison.Of(context.Backend, attempt.Prepared, attempt.Result.Graph!, outputs, feeds, new CompileOptions { Feeds = [.. feeds.Keys] }, context.Cancellation);
        string where = layers.Entry(tolerance: 0) is { } entry ? string.Create(CultureInfo.InvariantCulture, $"; most is lost at '{entry.Layer.Node.Name}' ({entry.Layer.Comparison.Sqnr:F1} dB)") : "";
        return CliDiagnostics.LowAgreement.With(attempt.Agreement.Share * Percent, where) with { Suggestion = "More and more typical samples, --method=mean_squared_error, or 'transform_graph tune', which finds the layers to keep in float." };
    }

    private static void Print(CommandContext context, QuantizationAttempt attempt, string input, long bytes, WrittenModel written, string ranges, Accuracy? before, Accuracy? after)
    {
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
                equalized = attempt.Script.Equalizes,
                samples = agreement.Samples,
                same_answers = agreement.Share,
                sqnr_db = double.IsFinite(agreement.Sqnr) ? agreement.Sqnr : (double?)null,
                accuracy = after is null ? null : new { pictures = after.Pictures, top1_before = before!.Top1, top1_after = after.Top1, same_answers = after.SameAs(before) },
                script = attempt.Script.Source.Text,
            }));
            return;
        }
        if (context.IsQuiet)
            return;
        StepPrinter.PrintTable(attempt.Result, input, bytes, written);
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"against float on {agreement.Samples} samples: same answer {agreement.Share * Percent:F2} % (95 %: {AccuracyText.Ends(ShareInterval.Of(agreement.SameTop, agreement.Rows))}), {AccuracyText.Difference(agreement.Noise)} (ranges by {method})"));
        if (after is not null)
            Console.Out.WriteLine(AccuracyText.Describe(before!, after));
        Console.Out.WriteLine($"\nThe same by a script, to keep and edit (--transforms_file):\n\n{attempt.Script.Source.Text}");
    }
}
