using System.CommandLine;
using System.Globalization;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Engine.Models;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Calibration;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Evaluation;
using TransformFramework.Workflows.Quantization;
using TransformFramework.Workflows.Reports;
using TransformFramework.Workflows.Tuning;

namespace TransformFramework.Cli.Commands;

/// <summary>Ranks layers by what quantizing them costs, keeps the fewest in float that reach a target, and prints the script.</summary>
internal static class TuneCommand
{
    private const int RankingSamples = 16;
    private const double Percent = 100;
    private static readonly Option<string> InGraph = CommonOptions.InGraph();
    private static readonly Option<string> OutGraph = new("--out_graph") { HelpName = "FILE", Description = "Graph file to write; its ranges are written beside it, to FILE.ranges" };
    private static readonly Option<string> Data = new("--data") { HelpName = "PATH", Description = "Samples, as 'calibrate --data' takes them" };
    private static readonly Option<string> Evaluate = new("--evaluate") { HelpName = "D.npz|FOLDER", Description = "Labelled pictures, as 'evaluate --data' takes them: the drop is one of accuracy; without it, of answers like the float graph's" };
    private static readonly Option<string> MaxDrop = new("--max_drop") { HelpName = "POINTS", Description = "Percentage points that may be lost; 1 without it" };
    private static readonly Option<string> Inputs = new("--inputs") { HelpName = "NAMES", Description = "Names of the inputs; without it all placeholders" };
    private static readonly Option<string> Outputs = new("--outputs") { HelpName = "NAMES", Description = "Names of the outputs; without it what nobody reads" };
    private static readonly Option<string> Method = new("--method") { HelpName = "NAME", Description = "How ranges are chosen: min_max, percentile, mean_squared_error or entropy; min_max without it" };

    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("tune", "Finds the layers to keep in float so that a quantized graph loses little") { InGraph, OutGraph, Data, Evaluate, MaxDrop, Inputs, Outputs, Method };
        command.SetAction(parsed => Run(parsed, cancellation));
        return command;
    }

    private static int Run(ParseResult parsed, CancellationToken cancellation)
    {
        string output = PathExpansion.Expand(parsed.Required(OutGraph));
        string data = PathExpansion.Expand(parsed.Required(Data));
        double limit = parsed.Real(MaxDrop, otherwise: 1);
        var choice = new RangeChoice(parsed.RangeMethod(Method));
        IBackend backend = parsed.Backend();
        using LoadedModel model = ModelFile.Open(PathExpansion.Expand(parsed.Required(InGraph)), cancellation);
        Graph graph = model.Graph;
        string[] outputs = GraphOutputs.Resolve(graph, parsed.GetValue(Outputs));
        string[] inputs = GraphInputs.ResolveAll(graph, parsed.GetValue(Inputs));
        var quantization = new StaticQuantization(parsed.Catalog(), backend, [.. inputs], [.. outputs], output, Console.Error.WriteLine, cancellation);
        QuantizationScript preparing = quantization.Script(equalizes: false, arguments: "");
        var accuracyLoss = parsed.GetValue(Evaluate) is { } labelled ? AccuracyLoss(backend, graph, inputs.FirstOrDefault(), outputs[0], PathExpansion.Expand(labelled), cancellation) : null;
        try
        {
            IEnumerable<IReadOnlyDictionary<string, Tensor>> Samples() => SampleData.Read(graph, inputs, data);
            Graph prepared = quantization.Prepare(graph, preparing).Graph!;
            RangeFile ranges = quantization.Calibrate(prepared, Samples());
            ranges.Choice = choice;
            ReadOnlyMemory<byte> content = StaticQuantization.ContentOf(ranges);
            Graph Quantized(string arguments) => quantization.Quantize(prepared, content, quantization.Script(equalizes: false, arguments)).Graph!;
            double Sqnr(Graph result) => Agreement.Measure(backend, prepared, result, outputs, Samples().Take(RankingSamples), cancellation).Sqnr;
            double AnswersLost(Graph result) => Percent * (1 - Agreement.Measure(backend, graph, result, outputs, Samples(), cancellation).Share);
            var ranked = Rank(prepared, node => Sqnr(Quantized($", include={QuantizationScript.Quoted(node.Name)}")), cancellation);
            var tuning = new LayerTuning(ranked, kept => (accuracyLoss ?? AnswersLost)(Quantized(Excluding(ranked, kept))));
            int? fewest = tuning.Fewest(limit);
            string? script = fewest is { } count ? quantization.Script(equalizes: false, Excluding(ranked, count)).Source.Text : null;
            if (fewest is { } kept)
                quantization.Save(Quantized(Excluding(ranked, kept)), ranges, model.Dispose);
            Print(parsed, ranked, tuning, fewest, limit, script);
            return fewest is null ? ExitCodes.Failed : ExitCodes.Done;
        }
        catch (FeedException error)
        {
            throw CommandException.Usage($"--data: {error.Message}");
        }
    }

    private static List<LayerSensitivity> Rank(Graph prepared, Func<Node, double> sqnrOfAlone, CancellationToken cancellation)
    {
        var ranked = new List<LayerSensitivity>();
        foreach (Node node in prepared.Nodes.Where(node => node.Op is "Conv2D" or "DepthwiseConv2dNative" or "MatMul"))
        {
            cancellation.ThrowIfCancellationRequested();
            ranked.Add(new(node.Name, sqnrOfAlone(node)));
        }
        return [.. ranked.OrderBy(layer => layer.Sqnr)];
    }

    private static Func<Graph, double> AccuracyLoss(IBackend backend, Graph graph, string? input, string output, string data, CancellationToken cancellation)
    {
        Accuracy before = Accuracy.Measure(backend, graph, input, output, data, batch: 1, Console.Error.WriteLine, cancellation);
        return result =>
        {
            Accuracy after = Accuracy.Measure(backend, result, input, output, data, batch: 1, Console.Error.WriteLine, cancellation);
            return Percent * (before.Top1 - after.Top1) / Math.Max(1, before.Pictures);
        };
    }

    private static string Excluding(IEnumerable<LayerSensitivity> ranked, int count) => string.Concat(ranked.Take(count).Select(layer => $", exclude={QuantizationScript.Quoted(layer.Node)}"));

    private static void Print(ParseResult parsed, List<LayerSensitivity> ranked, LayerTuning tuning, int? fewest, double limit, string? script)
    {
        if (parsed.IsJson())
        {
            Console.Out.WriteLine(RunReport.Serialize(new
            {
                schema_version = 1,
                kept_float = fewest,
                drop = fewest is { } kept ? tuning.Measured[kept] : (double?)null,
                layers = ranked.Select(layer => new { name = layer.Node, sqnr_db = double.IsFinite(layer.Sqnr) ? layer.Sqnr : (double?)null }),
                script,
            }));
            return;
        }
        if (parsed.Has(CommonOptions.Quiet))
            return;
        Console.Out.WriteLine("layers by what quantizing each alone costs (signal to noise of the outputs):");
        foreach (LayerSensitivity layer in ranked)
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {layer.Sqnr,7:F1} dB  {layer.Node}"));
        foreach (var (kept, drop) in tuning.Measured.OrderBy(entry => entry.Key))
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kept} of {ranked.Count} in float: {drop:F2} points lost"));
        if (script is null)
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Even with all layers in float more than {limit} points are lost; the samples and their scaling are the first thing to check."));
        else
            Console.Out.WriteLine($"\nThe script (--transforms_file):\n\n{script}");
    }
}
