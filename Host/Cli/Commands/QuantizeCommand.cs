using System.CommandLine;
using System.Globalization;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Cli.Rendering;
using TransformFramework.Engine.Models;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Calibration;
using TransformFramework.Workflows.Calibration;
using TransformFramework.Workflows.Comparison;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Evaluation;
using TransformFramework.Workflows.Quantization;
using TransformFramework.Workflows.Reports;

namespace TransformFramework.Cli.Commands;

/// <summary>From a float graph and samples to a static 8-bit graph in one go: folds, equalizes, calibrates, quantizes, and says what it costs.</summary>
internal static class QuantizeCommand
{
    private const int JudgedSamples = 100;
    private const double Percent = 100;
    private static readonly Option<string> InGraph = CommonOptions.InGraph();
    private static readonly Option<string> OutGraph = new("--out_graph") { HelpName = "FILE", Description = "Graph file to write; its ranges are written beside it, to FILE.ranges" };
    private static readonly Option<string> Data = new("--data") { HelpName = "PATH", Description = "Samples, as 'calibrate --data' takes them; a hundred typical ones are enough" };
    private static readonly Option<string> Evaluate = new("--evaluate") { HelpName = "D.npz|FOLDER", Description = "Labelled pictures, as 'evaluate --data' takes them: measure the accuracy before and after" };
    private static readonly Option<string> Inputs = new("--inputs") { HelpName = "NAMES", Description = "Names of the inputs; without it all placeholders" };
    private static readonly Option<string> Outputs = new("--outputs") { HelpName = "NAMES", Description = "Names of the outputs; without it what nobody reads" };
    private static readonly Option<string> Method = new("--method") { HelpName = "NAME", Description = "How ranges are chosen: min_max, percentile, mean_squared_error or entropy; without it the first three are tried and what agrees best with the float graph is kept" };
    private static readonly Option<string> Equalizes = new("--equalize") { HelpName = "auto|true|false", Description = "Whether channels are evened out first; auto, without it, tries both and keeps what agrees better with the float graph" };
    private static readonly Option<string> Arguments = new("--arguments") { HelpName = "ARGUMENTS", Description = "Further arguments of the transform quantize, such as 'exclude=\"*logits*\", per_channel=false'" };
    private static readonly Option<string> Samples = new("--samples") { HelpName = "N", Description = "Largest number of samples; all without it" };
    private static readonly Option<string> Threshold = new("--threshold") { HelpName = "PERCENT", Description = "Warn when fewer answers than these are the float graph's; 97 without it" };

    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("quantize", "Makes a static 8-bit graph of a float one: folds, equalizes, calibrates, quantizes, measures") { InGraph, OutGraph, Data, Evaluate, Inputs, Outputs, Method, Equalizes, Arguments, Samples, Threshold };
        command.SetAction(parsed => Run(parsed, cancellation));
        return command;
    }

    private static int Run(ParseResult parsed, CancellationToken cancellation)
    {
        string input = PathExpansion.Expand(parsed.Required(InGraph));
        string output = PathExpansion.Expand(parsed.Required(OutGraph));
        string data = PathExpansion.Expand(parsed.Required(Data));
        RangeMethod[] methods = parsed.Has(Method) ? [parsed.RangeMethod(Method)] : [RangeMethod.MinMax, RangeMethod.MeanSquaredError, RangeMethod.Percentile];
        bool[] variants = VariantsOf(parsed);
        string arguments = parsed.GetValue(Arguments) is { Length: > 0 } further ? ", " + further : "";
        int most = (int)parsed.Integer(Samples, otherwise: int.MaxValue, least: 1, most: int.MaxValue);
        double threshold = parsed.Real(Threshold, otherwise: 97);
        IBackend backend = parsed.Backend();
        using LoadedModel model = ModelFile.Open(input, cancellation);
        Graph graph = model.Graph;
        string[] outputs = GraphOutputs.Resolve(graph, parsed.GetValue(Outputs));
        string[] inputs = GraphInputs.ResolveAll(graph, parsed.GetValue(Inputs));
        var quantization = new StaticQuantization(parsed.Catalog(), backend, [.. inputs], [.. outputs], output, Console.Error.WriteLine, cancellation);
        QuantizationScript[] scripts = [.. variants.Select(equalizes => quantization.Script(equalizes, arguments))];
        Accuracy? before = AccuracyOf(graph);
        try
        {
            QuantizationAttempt best = scripts.SelectMany(Attempts).MaxBy(attempt => attempt.Agreement.Sqnr)!;
            Graph quantized = best.Result.Graph!;
            StepPrinter.PrintDiagnostics(best.Result, parsed.Catalog(), best.Script.Source, [], parsed.Has(CommonOptions.Verbose), parsed.Has(CommonOptions.Quiet));
            if (best.Agreement.Share * Percent < threshold && !parsed.Has(CommonOptions.Quiet))
                Console.Error.WriteLine(Warning(backend, best, outputs, SamplesOf().First(), cancellation));
            Accuracy? after = AccuracyOf(quantized);
            best.Ranges.Choice = best.Choice;
            long written = quantization.Save(quantized, best.Ranges, model.Dispose);
            Print(parsed, best, input, model.FileBytes, output, written, quantization.RangesPath, before, after);
            return ExitCodes.Done;
        }
        catch (FeedException error)
        {
            throw CommandException.Usage($"--data: {error.Message}");
        }

        IEnumerable<IReadOnlyDictionary<string, Tensor>> SamplesOf() => SampleData.Read(graph, inputs, data).Take(most);

        Accuracy? AccuracyOf(Graph judged) => parsed.GetValue(Evaluate) is { } labelled
            ? Accuracy.Measure(backend, judged, inputs.FirstOrDefault(), outputs[0], PathExpansion.Expand(labelled), batch: 1, Console.Error.WriteLine, cancellation)
            : null;

        IEnumerable<QuantizationAttempt> Attempts(QuantizationScript script)
        {
            PipelineResult prepared = quantization.Prepare(graph, script);
            RangeFile ranges = quantization.Calibrate(prepared.Graph!, SamplesOf());
            RangeChoice[] choices = [.. methods.Select(method => new RangeChoice(method))];
            PipelineResult[] results = [.. choices.Select(choice => quantization.Quantize(prepared.Graph!, RangesBy(choice), script))];
            var agreements = Agreement.Measure(backend, graph, [.. results.Select(result => result.Graph!)], outputs, SamplesOf().Take(JudgedSamples), cancellation);
            for (int i = 0; i < results.Length; i++)
                yield return new(script, prepared.Graph!, ranges, choices[i], results[i] with { Steps = [.. prepared.Steps, .. results[i].Steps] }, agreements[i]);

            ReadOnlyMemory<byte> RangesBy(RangeChoice choice)
            {
                ranges.Choice = choice;
                return StaticQuantization.ContentOf(ranges);
            }
        }
    }

    private static bool[] VariantsOf(ParseResult parsed) => parsed.GetValue(Equalizes) switch
    {
        null or "auto" => [true, false],
        "true" => [true],
        "false" => [false],
        string other => throw CommandException.Usage($"--equalize is auto, true or false, not '{other}'"),
    };

    private static string Warning(IBackend backend, QuantizationAttempt attempt, string[] outputs, IReadOnlyDictionary<string, Tensor> feeds, CancellationToken cancellation)
    {
        var layers = LayerComparison.Of(backend, attempt.Prepared, attempt.Result.Graph!, outputs, feeds, new CompileOptions { Feeds = [.. feeds.Keys] }, cancellation);
        string where = layers.Entry(tolerance: 0) is { } entry ? string.Create(CultureInfo.InvariantCulture, $"; most is lost at '{entry.Layer.Node.Name}' ({entry.Layer.Comparison.Sqnr:F1} dB)") : "";
        return string.Create(CultureInfo.InvariantCulture, $"warning TFX5030: only {attempt.Agreement.Share * Percent:F1} % of the answers are the float graph's{where}")
            + "\n  help: More and more typical samples, --method=mean_squared_error, or 'transform_graph tune', which finds the layers to keep in float.";
    }

    private static void Print(ParseResult parsed, QuantizationAttempt attempt, string input, long bytes, string output, long written, string ranges, Accuracy? before, Accuracy? after)
    {
        Agreement agreement = attempt.Agreement;
        string method = RangeMethods.NameOf(attempt.Choice.Method);
        if (parsed.IsJson())
        {
            Console.Out.WriteLine(RunReport.Serialize(new
            {
                schema_version = 1,
                file = output,
                ranges,
                bytes_before = bytes,
                bytes_after = written,
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
        if (parsed.Has(CommonOptions.Quiet))
            return;
        StepPrinter.PrintTable(attempt.Result, input, bytes, output, written);
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"against float on {agreement.Samples} samples: same answer {agreement.Share * Percent:F2} %, SQNR {agreement.Sqnr:F1} dB (ranges by {method})"));
        if (after is not null)
            Console.Out.WriteLine(AccuracyText.Describe(before!, after));
        Console.Out.WriteLine($"\nThe same by a script, to keep and edit (--transforms_file):\n\n{attempt.Script.Source.Text}");
    }
}
