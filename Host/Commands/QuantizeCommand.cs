using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Host.Execution;
using TransformFramework.Host.Models;
using TransformFramework.Host.Pipeline;
using TransformFramework.Host.Reporting;
using TransformFramework.Toolkit.Calibration;

namespace TransformFramework.Host.Commands;

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
        RangeMethod[] methods = parsed.GetValue(Method) is { } method ? [CalibrateCommand.MethodNamed(method)] : [RangeMethod.MinMax, RangeMethod.MeanSquaredError, RangeMethod.Percentile];
        string arguments = parsed.GetValue(Arguments) is { Length: > 0 } further ? ", " + further : "";
        int most = (int)parsed.Integer(Samples, otherwise: int.MaxValue, least: 1, most: int.MaxValue);
        double threshold = parsed.Real(Threshold, otherwise: 97);
        IBackend backend = parsed.Backend();
        using LoadedModel model = ModelFile.Open(input, cancellation);
        Graph graph = model.Graph;
        string[] outputs = GraphOutputs.Resolve(graph, parsed.GetValue(Outputs));
        string[] inputs = InputsOf(graph, parsed.GetValue(Inputs));
        var quantization = new StaticQuantization(parsed.Catalog(), backend, inputs, outputs, output + ".ranges", cancellation);
        try
        {
            IEnumerable<IReadOnlyDictionary<string, Tensor>> SamplesOf() => SampleData.Read(graph, inputs is [var only] ? only : null, data).Take(most);
            Attempt best = VariantsOf(parsed).SelectMany(Attempts).MaxBy(attempt => attempt.Agreement.Sqnr)!;
            best.Ranges.Choice = best.Choice;
            quantization.Write(best.Ranges);
            PipelineResult result = best.Result;
            var script = new ScriptText(quantization.Script(best.Equalizes, arguments), "the script of quantize");
            StepPrinter.PrintDiagnostics(result, parsed.Catalog(), script, [], parsed.Has(CommonOptions.Verbose), parsed.Has(CommonOptions.Quiet));
            if (best.Agreement.Share * Percent < threshold)
                Console.Error.WriteLine(Warning(backend, best.Prepared, result.Graph!, outputs, SamplesOf().First(), best.Agreement, cancellation));
            string? accuracy = parsed.GetValue(Evaluate) is { } labelled ? AccuracyOf(backend, graph, result.Graph!, inputs, outputs, PathExpansion.Expand(labelled), cancellation) : null;
            long written = ModelFile.Save(result.Graph!, output, asText: false, cancellation, model.Dispose);
            Print(parsed, result, input, model.FileBytes, output, written, best, accuracy, script.Text);
            return ExitCodes.Done;

            IEnumerable<Attempt> Attempts(bool equalizes)
            {
                PipelineResult prepared = quantization.Prepare(graph, equalizes);
                RangeFile ranges = quantization.Calibrate(prepared.Graph!, SamplesOf());
                foreach (RangeMethod candidate in methods)
                {
                    ranges.Choice = new(candidate);
                    quantization.Write(ranges);
                    PipelineResult quantized = quantization.Quantize(prepared.Graph!, arguments);
                    var agreement = Agreement.Measure(backend, graph, quantized.Graph!, outputs, SamplesOf().Take(JudgedSamples), cancellation);
                    yield return new(equalizes, ranges.Choice, prepared.Graph!, ranges, quantized with { Steps = [.. prepared.Steps, .. quantized.Steps] }, agreement);
                }
            }
        }
        catch (FeedException error)
        {
            throw CommandException.Usage($"--data: {error.Message}");
        }
    }

    private static bool[] VariantsOf(ParseResult parsed) => parsed.GetValue(Equalizes) switch
    {
        null or "auto" => [true, false],
        "true" => [true],
        "false" => [false],
        string other => throw CommandException.Usage($"--equalize is auto, true or false, not '{other}'"),
    };

    private static string[] InputsOf(Graph graph, string? list) => list is { Length: > 0 }
        ? [.. list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(name => GraphInputs.Resolve(graph, name).Name)]
        : [.. graph.Nodes.Where(node => node.Op is "Placeholder" or "PlaceholderV2").Select(node => node.Name)];

    private static string Warning(IBackend backend, Graph reference, Graph actual, string[] outputs, IReadOnlyDictionary<string, Tensor> feeds, Agreement agreement, CancellationToken cancellation)
    {
        var worst = LayerComparison.Compare(backend, reference, actual, outputs, feeds, new CompileOptions { Feeds = [.. feeds.Keys] }, cancellation)
            .OrderBy(layer => layer.Comparison.Sqnr).Take(3)
            .Select(layer => string.Create(CultureInfo.InvariantCulture, $"'{layer.Node.Name}' ({layer.Comparison.Sqnr:F1} dB)"));
        return string.Create(CultureInfo.InvariantCulture, $"warning TFX5030: only {agreement.Share * Percent:F1} % of the answers are the float graph's; the noisiest layers are {string.Join(", ", worst)}")
            + "\n  help: More and more typical samples, --method=mean_squared_error, or 'transform_graph tune', which finds the layers to keep in float.";
    }

    private static string AccuracyOf(IBackend backend, Graph before, Graph after, string[] inputs, string[] outputs, string data, CancellationToken cancellation)
    {
        Accuracy reference = EvaluateCommand.Measure(backend, before, inputs[0], outputs[0], data, batch: 1, cancellation);
        Accuracy accuracy = EvaluateCommand.Measure(backend, after, inputs[0], outputs[0], data, batch: 1, cancellation);
        return EvaluateCommand.Describe(reference, accuracy);
    }

    private static void Print(ParseResult parsed, PipelineResult result, string input, long bytes, string output, long written, Attempt attempt, string? accuracy, string script)
    {
        Agreement agreement = attempt.Agreement;
        string method = CalibrateCommand.NameOf(attempt.Choice.Method);
        if (parsed.IsJson())
        {
            Console.Out.WriteLine(RunReport.Serialize(new
            {
                schema_version = 1,
                file = output,
                ranges = output + ".ranges",
                bytes_before = bytes,
                bytes_after = written,
                method,
                samples = agreement.Samples,
                same_answers = agreement.Share,
                sqnr_db = double.IsFinite(agreement.Sqnr) ? agreement.Sqnr : (double?)null,
                accuracy,
                script,
            }));
            return;
        }
        if (parsed.Has(CommonOptions.Quiet))
            return;
        StepPrinter.PrintTable(result, input, bytes, output, written);
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"against float on {agreement.Samples} samples: same answer {agreement.Share * Percent:F2} %, SQNR {agreement.Sqnr:F1} dB (ranges by {method})"));
        if (accuracy is not null)
            Console.Out.WriteLine(accuracy);
        Console.Out.WriteLine($"\nThe same by a script, to keep and edit (--transforms_file):\n\n{script}");
    }

    /// <summary>A quantized graph, how it came about, and how well it agrees with the float one.</summary>
    private sealed record Attempt(bool Equalizes, RangeChoice Choice, Graph Prepared, RangeFile Ranges, PipelineResult Result, Agreement Agreement);
}
