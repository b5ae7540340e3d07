using System.CommandLine;
using System.Globalization;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Host.Execution;
using TransformFramework.Host.Models;
using TransformFramework.Host.Reporting;
using TransformFramework.Toolkit.Calibration;

namespace TransformFramework.Host.Commands;

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
    private static readonly Option<string> Inputs = new("--inputs") { HelpName = "NAME", Description = "Name of the input; without it the only placeholder" };
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
        var choice = new RangeChoice(CalibrateCommand.MethodNamed(parsed.GetValue(Method)));
        IBackend backend = parsed.Backend();
        using LoadedModel model = ModelFile.Open(PathExpansion.Expand(parsed.Required(InGraph)), cancellation);
        Graph graph = model.Graph;
        string[] outputs = GraphOutputs.Resolve(graph, parsed.GetValue(Outputs));
        string input = GraphInputs.Resolve(graph, parsed.GetValue(Inputs)).Name;
        var quantization = new StaticQuantization(parsed.Catalog(), backend, [input], outputs, output + ".ranges", cancellation);
        try
        {
            List<IReadOnlyDictionary<string, Tensor>> Samples(int most) => [.. SampleData.Read(graph, input, data).Take(most)];
            Graph prepared = quantization.Prepare(graph, equalizes: false).Graph!;
            RangeFile ranges = quantization.Calibrate(prepared, SampleData.Read(graph, input, data));
            ranges.Choice = choice;
            quantization.Write(ranges);
            var ranked = Rank(quantization, backend, prepared, Samples(RankingSamples), cancellation);
            Func<Graph, double> loss = parsed.GetValue(Evaluate) is { } labelled
                ? AccuracyLoss(backend, graph, input, outputs[0], PathExpansion.Expand(labelled), cancellation)
                : result => Percent * (1 - Agreement.Measure(backend, graph, result, outputs, SampleData.Read(graph, input, data), cancellation).Share);
            var tuning = new LayerTuning(ranked, kept => loss(quantization.Quantize(prepared, Excluding(ranked, kept)).Graph!));
            int? fewest = tuning.Fewest(limit);
            Print(parsed, quantization, ranked, tuning, fewest, limit);
            if (fewest is not { } count)
                return ExitCodes.Failed;
            ModelFile.Save(quantization.Quantize(prepared, Excluding(ranked, count)).Graph!, output, asText: false, cancellation, model.Dispose);
            return ExitCodes.Done;
        }
        catch (FeedException error)
        {
            throw CommandException.Usage($"--data: {error.Message}");
        }
    }

    private static List<LayerSensitivity> Rank(StaticQuantization quantization, IBackend backend, Graph prepared, List<IReadOnlyDictionary<string, Tensor>> samples, CancellationToken cancellation)
    {
        var ranked = new List<LayerSensitivity>();
        foreach (Node node in prepared.Nodes.Where(node => node.Op is "Conv2D" or "DepthwiseConv2dNative" or "MatMul"))
        {
            cancellation.ThrowIfCancellationRequested();
            Graph alone = quantization.Quantize(prepared, $", include={Pattern(node.Name)}").Graph!;
            ranked.Add(new(node.Name, Agreement.Measure(backend, prepared, alone, quantization.Outputs, samples, cancellation).Sqnr));
        }
        return [.. ranked.OrderBy(layer => layer.Sqnr)];
    }

    private static Func<Graph, double> AccuracyLoss(IBackend backend, Graph graph, string input, string output, string data, CancellationToken cancellation)
    {
        Accuracy before = EvaluateCommand.Measure(backend, graph, input, output, data, batch: 1, cancellation);
        return result =>
        {
            Accuracy after = EvaluateCommand.Measure(backend, result, input, output, data, batch: 1, cancellation);
            return Percent * (before.Top1 - after.Top1) / Math.Max(1, before.Pictures);
        };
    }

    private static string Excluding(IEnumerable<LayerSensitivity> ranked, int count) => string.Concat(ranked.Take(count).Select(layer => $", exclude={Pattern(layer.Node)}"));

    private static string Pattern(string name) => StaticQuantization.Quoted(name);

    private static void Print(ParseResult parsed, StaticQuantization quantization, List<LayerSensitivity> ranked, LayerTuning tuning, int? fewest, double limit)
    {
        if (parsed.IsJson())
        {
            Console.Out.WriteLine(RunReport.Serialize(new
            {
                schema_version = 1,
                kept_float = fewest,
                drop = fewest is { } kept ? tuning.Measured[kept] : (double?)null,
                layers = ranked.Select(layer => new { name = layer.Node, sqnr_db = double.IsFinite(layer.Sqnr) ? layer.Sqnr : (double?)null }),
                script = fewest is { } used ? quantization.Script(equalizes: false, Excluding(ranked, used)) : null,
            }));
            return;
        }
        Console.Out.WriteLine("layers by what quantizing each alone costs (signal to noise of the outputs):");
        foreach (LayerSensitivity layer in ranked)
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {layer.Sqnr,7:F1} dB  {layer.Node}"));
        foreach (var (kept, drop) in tuning.Measured.OrderBy(entry => entry.Key))
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kept} of {ranked.Count} in float: {drop:F2} points lost"));
        if (fewest is not { } count)
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Even with all layers in float more than {limit} points are lost; the samples and their scaling are the first thing to check."));
        else
            Console.Out.WriteLine($"\nThe script (--transforms_file):\n\n{quantization.Script(equalizes: false, Excluding(ranked, count))}");
    }
}
