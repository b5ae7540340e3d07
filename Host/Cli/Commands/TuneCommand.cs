using System.CommandLine;
using System.Globalization;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Cli.Rendering;
using TransformFramework.Engine.Models;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Calibration;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Evaluation;
using TransformFramework.Workflows.Quantization;
using TransformFramework.Workflows.Reports;
using TransformFramework.Workflows.Sharding;
using TransformFramework.Workflows.Tuning;

namespace TransformFramework.Cli.Commands;

/// <summary>Ranks layers by what quantizing them costs, keeps the fewest in float that reach a target, and prints the script.</summary>
internal static class TuneCommand
{
    private const double Percent = 100;
    private static readonly ModelArguments Model = new();
    private static readonly OutputArguments Output = new();
    private static readonly Option<string> Data = DataOption.Create("Samples, as 'calibrate --data' takes them");
    private static readonly Option<string> Evaluate = new("--evaluate") { HelpName = "D.npz|FOLDER", Description = "Labelled images, as 'evaluate --data' takes them: the drop is one of accuracy; without it, of answers like the float graph's" };
    private static readonly Option<string> MaxDrop = new("--max_drop") { HelpName = "POINTS", Description = "Percentage points that may be lost; 1 without it" };
    private static readonly Option<string> Inputs = CommonOptions.Inputs();
    private static readonly Option<string> Outputs = CommonOptions.Outputs();
    private static readonly Option<string> Method = new("--method") { HelpName = "NAME", Description = "How ranges are chosen: min_max, percentile, mean_squared_error or entropy; min_max without it" };

    private static readonly Option<string> Keep = new("--keep") { HelpName = "float|16bit", Description = "What the layers that lose most become: float, or activations of 16 bits with weights of 8; float without it" };

    private const string RangesStep = "ranges";
    private const string RankingStep = "ranking";
    private const string LossesStep = "losses";
    private static readonly ShardArguments Shards = new();
    private static readonly ReportArguments Report = new();

    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("tune", "Finds the layers to keep in float so that a quantized graph loses little") { Data, Evaluate, MaxDrop, Keep, Inputs, Outputs, Method };
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
        double limit = context.Real(MaxDrop, otherwise: 1);
        var choice = new RangeChoice(context.RangeMethodOf(Method));
        bool keepsWide = KeepsWide(context);
        using LoadedModel model = Model.OpenPath(context, input, context.Value(Outputs));
        string[] outputs = GraphOutputs.Resolve(model.Endpoints, context.Value(Outputs)).Tensors();
        string[] inputs = GraphInputs.ResolveAll(model.Endpoints, context.Value(Inputs)).Tensors();
        var quantization = new StaticQuantization(context.Catalog, context.Backend, [.. inputs], [.. outputs], target, Console.Error.WriteLine, context.Cancellation);
        context.Say(SampleOverlap.Find(data, context.Path(Evaluate)) is { } overlap ? [overlap] : []);
        using ProgressDisplay progress = ProgressDisplay.For(context);
        return DataOption.Read(Data, () =>
        {
            if (Shards.ShardOf(context, keepsAlone: true) is { } shard)
                return RunShard(context, shard, model.Graph, Fingerprint(context, model), some => Tuning(some), SampleData.Read(model.Endpoints, inputs, data, Shards.SelectionOf(context, shard)), progress);
            var table = new TuningTable(progress, KeptAs(context));
            TuningJournal? journal = Shards.KeptOf(context) is { } kept ? new(kept, Fingerprint(context, model), table, context.Cancellation) : null;
            TuningMeasurements known = Shards.MergedOf(context) is { } folder ? Merged(context, folder, Fingerprint(context, model)) : journal?.Known ?? TuningMeasurements.None;
            TuningResult result = Tuning(known, journal ?? (ITuningLog)table).Run(model.Graph, limit, progress);
            Report? report = isReported ? QuantizationReport.Fill(ReportArguments.Begin("tune", input), quantization, model.Graph, result, SampleData.Read(model.Endpoints, inputs, data, Shards.SelectionOf(context, part: null))) with { BytesRead = model.FileBytes } : null;
            WrittenModel? written = result.Graph is { } graph ? quantization.Save(model, graph, result.WrittenFor, result.Ranges, samples: null) : null;
            context.Say(written?.Diagnostics ?? []);
            progress.Dispose();
            Print(context, result, limit, written);
            if (report is not null)
                Report.Write(context, (report with { OutGraph = written?.Path, BytesWritten = written?.Bytes }).WithTuningSummary(result.KeptFloat, result.Ranked.Count, limit));
            return result.KeptFloat is null ? ExitCodes.Failed : ExitCodes.Done;
        });

        QuantizationTuning Tuning(TuningMeasurements known, ITuningLog? log = null) => new(quantization, () => SampleData.Read(model.Endpoints, inputs, data, Shards.SelectionOf(context, part: null)))
        {
            Choice = choice,
            KeepsWide = keepsWide,
            AccuracyLoss = context.Path(Evaluate) is { } labelled ? AccuracyLoss(context, model.Graph, inputs.FirstOrDefault(), outputs[0], labelled, progress) : null,
            Known = known,
            Log = log,
        };
    }

    /// <summary>Does the steps of a shard: ranges of its samples, what each of its layers costs, what its candidates lose. A step needs all shards of the one before; where some are missing, the same command goes on later.</summary>
    private static int RunShard(CommandContext context, ShardNumber shard, Graph graph, ShardFingerprint fingerprint, Func<TuningMeasurements, QuantizationTuning> tuning, IEnumerable<IReadOnlyDictionary<string, Tensor>> samples, ProgressDisplay progress)
    {
        ShardFolder folder = Shards.FolderOf(context);
        Shards.Run(context, RangesStep, shard, fingerprint, () =>
        {
            RangeFile ranges = tuning(TuningMeasurements.None).MeasureRanges(graph, samples, progress);
            return (ranges.Samples, 0, ranges.WriteCompact);
        });
        var known = new TuningMeasurements { Ranges = MergedRanges(context, folder, fingerprint) };
        Shards.Run(context, RankingStep, shard, fingerprint, () =>
        {
            var costs = tuning(known).MeasureSensitivities(graph, shard, progress);
            return (costs.Count, 0, stream => TuningMeasurements.Write(stream, costs));
        });
        known = known with { Sensitivities = Numbers(context, folder, RankingStep, fingerprint).ToDictionary(StringComparer.Ordinal) };
        return Shards.Run(context, LossesStep, shard, fingerprint, () =>
        {
            var losses = tuning(known).MeasureLosses(graph, shard, progress);
            return (losses.Count, 0, stream => TuningMeasurements.Write(stream, [.. losses.Select(loss => KeyValuePair.Create(loss.Key.ToString(CultureInfo.InvariantCulture), loss.Value))]));
        });
    }

    private static TuningMeasurements Merged(CommandContext context, ShardFolder folder, ShardFingerprint fingerprint) => new()
    {
        Ranges = MergedRanges(context, folder, fingerprint),
        Sensitivities = Numbers(context, folder, RankingStep, fingerprint).ToDictionary(StringComparer.Ordinal),
        IsOfShards = true,
        Losses = Numbers(context, folder, LossesStep, fingerprint).ToDictionary(loss => int.Parse(loss.Key, CultureInfo.InvariantCulture), loss => loss.Value),
    };

    private static RangeFile MergedRanges(CommandContext context, ShardFolder folder, ShardFingerprint fingerprint)
    {
        var ranges = new RangeFile();
        Shards.MergeRanges(context, folder, RangesStep, fingerprint, ranges);
        return ranges.Samples > 0 ? ranges : throw new FeedException("there are no samples");
    }

    private static IEnumerable<KeyValuePair<string, double>> Numbers(CommandContext context, ShardFolder folder, string step, ShardFingerprint fingerprint) =>
        Shards.Complete(context, folder, step, fingerprint, out _).SelectMany(shard => shard.Read(TuningMeasurements.Read));

    private static ShardFingerprint Fingerprint(CommandContext context, LoadedModel model) => ShardFingerprint.Of(
        [model.Graph],
        context.Spelt([Inputs, Outputs, Method, Keep, .. Model.Choices]),
        ShardArguments.FingerprintOf(context, Data) + (context.Has(Evaluate) ? "+" + ShardArguments.FingerprintOf(context, Evaluate) : ""),
        context.Cancellation);

    private static Func<Graph, double> AccuracyLoss(CommandContext context, Graph graph, string? input, string output, string data, ProgressDisplay progress)
    {
        Accuracy before = AccuracyOf(graph);
        return result => Percent * (before.Top1 - AccuracyOf(result).Top1) / Math.Max(1, before.Images);

        Accuracy AccuracyOf(Graph judged) => Accuracy.Measure(context.Backend, new ModelEndpoints(judged, signature: null), input, output, data, batch: 1, Console.Error.WriteLine, context.Cancellation, progress);
    }

    private static bool KeepsWide(CommandContext context) => context.Value(Keep) switch
    {
        null or "float" => false,
        "16bit" => true,
        var other => throw CommandException.Usage($"--keep: '{other}' is neither float nor 16bit", "Write --keep=float or --keep=16bit."),
    };

    private static string KeptAs(CommandContext context) => KeepsWide(context) ? "with 16 bits" : "in float";

    private static void Print(CommandContext context, TuningResult result, double limit, WrittenModel? written)
    {
        var (ranked, tuning, fewest, script, _, _) = result;
        if (context.IsJson)
        {
            Console.Out.WriteLine(RunReport.Serialize(new
            {
                schema_version = 1,
                file = written?.Path,
                bytes = written?.Bytes,
                kept_float = fewest,
                kept_layers = ranked.Take(fewest ?? 0).Select(layer => layer.Node),
                drop = fewest is { } kept ? tuning.Measured[kept] : (double?)null,
                points = result.Points.Select(point => new { kept_float = point.KeptFloat, sqnr_db = double.IsFinite(point.Sqnr) ? point.Sqnr : (double?)null, points_lost = point.PointsLost, milliseconds = point.Milliseconds, bytes = point.Bytes }),
                layers = ranked.Select(layer => new { name = layer.Node, sqnr_db = double.IsFinite(layer.Sqnr) ? layer.Sqnr : (double?)null }),
                script,
            }));
            return;
        }
        if (context.IsQuiet)
            return;
        Console.Out.WriteLine(ranked.Count == 0 ? "no layer of the graph can be quantized" : "layers by what quantizing each alone costs (signal to noise of the results):");
        foreach (LayerSensitivity layer in ranked)
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {layer.Sqnr,7:F1} dB  {layer.Node}"));
        var front = TuningPoint.Front(result.Points);
        if (front.Length > 0)
            Console.Out.WriteLine($"layers {KeptAs(context)}, signal to noise, time of a run, size; * where no other line is better in all three:");
        foreach (TuningPoint point in result.Points)
            Console.Out.WriteLine(TuningTable.Line(point) + (front.Contains(point) ? " *" : ""));
        foreach (var (kept, drop) in tuning.Measured.OrderBy(entry => entry.Key))
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kept} of {ranked.Count} {KeptAs(context)}: {drop:F2} points lost"));
        if (written is not null)
            Console.Out.WriteLine(WrittenModelText.Describe(written));
        if (script is null)
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Even with all layers {KeptAs(context)} more than {limit} points are lost; the samples and their scaling are the first thing to check."));
        else
            Console.Out.WriteLine($"\nThe script (--transforms_file):\n\n{script}");
    }
}
