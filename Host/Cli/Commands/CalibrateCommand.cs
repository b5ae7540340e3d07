using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Cli.Rendering;
using TransformFramework.Engine.Files;
using TransformFramework.Engine.Models;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Calibration;
using TransformFramework.Workflows.Calibration;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Reports;
using TransformFramework.Workflows.Sharding;

namespace TransformFramework.Cli.Commands;

/// <summary>Finds the ranges of a graph's tensors on samples, or merges what several such runs found.</summary>
internal static class CalibrateCommand
{
    private static readonly ModelArguments Model = new();
    private static readonly Option<string> Data = DataOption.Create("Samples: D.npz with an array images or arrays named after the inputs (/ as __), a .npy, image, .wav, .tfrecord or .tar file, a folder of these, or a list of them (FILE.list, @FILE); ?mean=M&scale=S&divide=D after it");
    private static readonly Option<string> Out = new("--out", "--out_graph") { HelpName = "FILE", Description = "File of ranges to write" };
    private static readonly Option<string[]> Merge = new("--merge") { HelpName = "FILE|FOLDER", Description = "Files of ranges to merge in, in place of samples or beside them; or the folder that shards left theirs in", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<string> Inputs = CommonOptions.Inputs();
    private static readonly Option<string> Outputs = CommonOptions.Outputs();
    private static readonly Option<string> Method = new("--method") { HelpName = "NAME", Description = "min_max, percentile, mean_squared_error or entropy; min_max without it" };
    private static readonly Option<string> Percentile = new("--percentile") { HelpName = "P", Description = "Percentage of magnitudes within the range, for the method percentile; 99.99 without it" };
    private static readonly Option<string> Samples = CommonOptions.Samples();

    private const string Step = "calibrate";
    private static readonly ShardArguments Shards = new();
    private static readonly ReportArguments Report = new();

    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("calibrate", "Finds the ranges of a graph's tensors on samples") { Data, Out, Merge, Inputs, Outputs, Method, Percentile, Samples };
        Model.AddTo(command).AddFixedFeedsTo(command);
        Shards.AddTo(command, hasMerge: false);
        Report.AddTo(command);
        command.SetAction(parsed => Run(new(parsed, cancellation)));
        return command;
    }

    private static int Run(CommandContext context)
    {
        if (Shards.ShardOf(context) is { } shard)
            return RunShard(context, shard);
        string path = context.RequiredOutputPath(Out);
        OutputPlace.Check(path);
        bool isReported = Report.IsAsked(context);
        string[] merged = context.Values(Merge);
        double percentile = context.Real(Percentile, otherwise: 99.99);
        if (percentile is not (> 0 and <= 100))
            throw CommandException.Usage($"--percentile={percentile.ToString(CultureInfo.InvariantCulture)} is not a percentage over 0", "For example --percentile=99.9.");
        var choice = new RangeChoice(context.RangeMethodOf(Method), percentile);
        bool isOfShards = merged.Any(file => IsFolder(PathExpansion.Expand(file)));
        SampleSelection selection = Shards.SelectionOf(context, part: null, context.MostSamples(Samples));
        RangeFile ranges = merged.Length > 0 && (isOfShards || context.Value(Data) is null) ? new() : Measured(context, selection);
        int bad = selection.Bad!.Count;
        foreach (string file in merged.Select(PathExpansion.Expand))
        {
            if (!IsFolder(file))
                ranges.Merge(Read(file));
            else
                MergeShards(context, new(file), ranges, ref bad);
        }
        if (ranges.Samples == 0)
            throw CommandException.Usage("there are no samples", "Give --data=PATH, or --merge FILE … with files of ranges.");
        ranges.Choice = choice;
        if (!context.IsQuiet)
            Warn(ranges);
        AtomicFile.Write(path, ranges.Write, cancellation: context.Cancellation);
        if (isReported)
            WriteReport(context, ranges, path);
        if (context.IsJson)
            Console.Out.WriteLine(RunReport.Serialize(new { schema_version = 1, samples = ranges.Samples, bad_samples = bad, tensors = ranges.Tensors.Count, file = path }));
        else if (!context.IsQuiet)
            Console.Out.WriteLine($"{ranges.Tensors.Count} ranges over {ranges.Samples} samples{ShardArguments.LeftOut(bad)}: {path}");
        return ExitCodes.Done;
    }

    private static void WriteReport(CommandContext context, RangeFile ranges, string path)
    {
        using LoadedModel? model = Model.IsGiven(context) ? Model.Open(context, context.Value(Outputs)) : null;
        Report report = ReportArguments.Begin("calibrate", model?.Path ?? path) with
        {
            BytesRead = model?.FileBytes,
            OutGraph = path,
            Graph = model is null ? null : GraphHistory.Single(model.Graph, model.Endpoints.Inputs.Tensors(), model.Endpoints.Outputs.Tensors()),
            Layers = LayerProfile.Of(model?.Graph ?? Graph.Empty, ranges),
        };
        Report.Write(context, report.WithCalibrationSummary(ranges.Samples, RangeMethods.NameOf(ranges.Choice.Method)));
    }

    /// <summary>Whether shards are meant: of a folder that is not there yet the slash at the end says so.</summary>
    private static bool IsFolder(string path) => Directory.Exists(path) || Path.EndsInDirectorySeparator(path);

    private static int RunShard(CommandContext context, ShardNumber shard)
    {
        if (context.Values(Merge).Length > 0)
            throw CommandException.Usage("--shard and --merge are given", "Run the shards first, then merge without --shard.");
        using LoadedModel model = Model.Open(context, context.Value(Outputs));
        return Shards.Run(context, Step, shard, Fingerprint(context, model), () =>
        {
            SampleSelection selection = Shards.SelectionOf(context, shard, context.MostSamples(Samples));
            RangeFile ranges = Measured(context, model, selection);
            return (ranges.Samples, selection.Bad!.Count, ranges.WriteCompact);
        });
    }

    /// <summary>Merges what shards left. They must be of the model and data that are given, where these are.</summary>
    private static void MergeShards(CommandContext context, ShardFolder folder, RangeFile ranges, ref int bad)
    {
        using LoadedModel? model = Model.IsGiven(context) && context.Has(Data) ? Model.Open(context, context.Value(Outputs)) : null;
        bad += Shards.MergeRanges(context, folder, Step, model is null ? null : Fingerprint(context, model), ranges);
    }

    private static ShardFingerprint Fingerprint(CommandContext context, LoadedModel model) =>
        ShardFingerprint.Of([model.Graph], context.Spelt([Inputs, Outputs, Samples, .. Model.Choices]), ShardArguments.FingerprintOf(context, Data), context.Cancellation);

    private static RangeFile Measured(CommandContext context, SampleSelection selection)
    {
        using LoadedModel model = Model.Open(context, context.Value(Outputs));
        return Measured(context, model, selection);
    }

    private static RangeFile Measured(CommandContext context, LoadedModel model, SampleSelection selection)
    {
        string[] inputs = GraphInputs.ResolveAll(model.Endpoints, context.Value(Inputs)).Tensors();
        string[] outputs = GraphOutputs.Resolve(model.Endpoints, context.Value(Outputs)).Tensors();
        return DataOption.Read(Data, () =>
        {
            if (selection.Shard.Index == 0)
                context.Say(SampleSurvey.Of(model.Graph, SampleData.Read(model.Endpoints, inputs, context.RequiredPath(Data), selection with { Shard = ShardNumber.All, Bad = BadSamples.Unnoticed }), context.Cancellation).Warnings);
            var samples = SampleData.Read(model.Endpoints, inputs, context.RequiredPath(Data), selection);
            using ProgressDisplay progress = ProgressDisplay.For(context);
            return CalibrationRun.Run(context.Backend, model.Graph, outputs, samples, Console.Error.WriteLine, context.Cancellation, progress);
        });
    }

    private static RangeFile Read(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            return RangeFile.Read(stream);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw CommandException.Usage($"--merge: '{path}' cannot be read: {(Directory.Exists(path) ? "it is a directory" : error.Message)}");
        }
    }

    private static void Warn(RangeFile ranges)
    {
        foreach (var (name, statistics) in ranges.Tensors.Where(tensor => tensor.Value.NotFinite > 0))
            Console.Error.WriteLine(CliDiagnostics.NotFiniteInRange.With(name, statistics.NotFinite));
    }
}
