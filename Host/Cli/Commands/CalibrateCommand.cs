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

namespace TransformFramework.Cli.Commands;

/// <summary>Finds the ranges of a graph's tensors on samples, or merges what several such runs found.</summary>
internal static class CalibrateCommand
{
    private static readonly ModelArguments Model = new();
    private static readonly Option<string> Data = new("--data") { HelpName = "PATH", Description = "Samples: D.npz with an array images or arrays named after the inputs (/ as __), a .npy, image or .wav file, or a folder of these; ?mean=M&scale=S&divide=D after it" };
    private static readonly Option<string> Out = new("--out", "--out_graph") { HelpName = "FILE", Description = "File of ranges to write" };
    private static readonly Option<string[]> Merge = new("--merge") { HelpName = "FILE", Description = "Files of ranges to merge in, in place of samples or beside them", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<string> Inputs = CommonOptions.Inputs();
    private static readonly Option<string> Outputs = CommonOptions.Outputs();
    private static readonly Option<string> Method = new("--method") { HelpName = "NAME", Description = "min_max, percentile, mean_squared_error or entropy; min_max without it" };
    private static readonly Option<string> Percentile = new("--percentile") { HelpName = "P", Description = "Percentage of magnitudes within the range, for the method percentile; 99.99 without it" };
    private static readonly Option<string> Samples = CommonOptions.Samples();

    private static readonly ReportArguments Report = new();

    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("calibrate", "Finds the ranges of a graph's tensors on samples") { Data, Out, Merge, Inputs, Outputs, Method, Percentile, Samples };
        Model.AddTo(command, hasArgument: false).AddFixedFeedsTo(command);
        Report.AddTo(command);
        command.SetAction(parsed => Run(new(parsed, cancellation)));
        return command;
    }

    private static int Run(CommandContext context)
    {
        string path = context.RequiredPath(Out);
        AtomicFile.CheckWritable(path);
        bool isReported = Report.IsAsked(context);
        string[] merged = context.Values(Merge);
        double percentile = context.Real(Percentile, otherwise: 99.99);
        if (percentile is not (> 0 and <= 100))
            throw CommandException.Usage($"--percentile={percentile.ToString(CultureInfo.InvariantCulture)} is not a percentage over 0", "For example --percentile=99.9.");
        var choice = new RangeChoice(context.RangeMethodOf(Method), percentile);
        RangeFile ranges = merged.Length > 0 && context.Value(Data) is null ? new() : Measured(context);
        foreach (string file in merged)
            ranges.Merge(Read(PathExpansion.Expand(file)));
        if (ranges.Samples == 0)
            throw CommandException.Usage("there are no samples", "Give --data=PATH, or --merge FILE … with files of ranges.");
        ranges.Choice = choice;
        if (!context.IsQuiet)
            Warn(ranges);
        AtomicFile.Write(path, ranges.Write, cancellation: context.Cancellation);
        if (isReported)
            WriteReport(context, ranges, path);
        if (context.IsJson)
            Console.Out.WriteLine(RunReport.Serialize(new { schema_version = 1, samples = ranges.Samples, tensors = ranges.Tensors.Count, file = path }));
        else if (!context.IsQuiet)
            Console.Out.WriteLine($"{ranges.Tensors.Count} ranges over {ranges.Samples} samples: {path}");
        return ExitCodes.Done;
    }

    private static void WriteReport(CommandContext context, RangeFile ranges, string path)
    {
        using LoadedModel? model = context.Has(Model.InGraph) ? Model.Open(context, context.Value(Outputs)) : null;
        Report report = ReportArguments.Begin("calibrate", model?.Path ?? path) with
        {
            BytesRead = model?.FileBytes,
            OutGraph = path,
            Graph = model is null ? null : GraphHistory.Single(model.Graph, model.Endpoints.Inputs.Tensors(), model.Endpoints.Outputs.Tensors()),
            Layers = LayerProfile.Of(model?.Graph ?? Graph.Empty, ranges),
        };
        Report.Write(context, report.WithCalibrationSummary(ranges.Samples, RangeMethods.NameOf(ranges.Choice.Method)));
    }

    private static RangeFile Measured(CommandContext context)
    {
        int most = (int)context.Integer(Samples, otherwise: int.MaxValue, least: 1, most: int.MaxValue);
        using LoadedModel model = Model.Open(context, context.Value(Outputs));
        string[] inputs = GraphInputs.ResolveAll(model.Endpoints, context.Value(Inputs)).Tensors();
        string[] outputs = GraphOutputs.Resolve(model.Endpoints, context.Value(Outputs)).Tensors();
        try
        {
            context.Say(SampleSurvey.Of(model.Graph, SampleData.Read(model.Endpoints, inputs, context.RequiredPath(Data)).Take(most), context.Cancellation).Warnings);
            var samples = SampleData.Read(model.Endpoints, inputs, context.RequiredPath(Data)).Take(most);
            using ProgressDisplay progress = ProgressDisplay.For(context);
            return CalibrationRun.Run(context.Backend, model.Graph, outputs, samples, Console.Error.WriteLine, context.Cancellation, progress);
        }
        catch (FeedException error)
        {
            throw CommandException.Usage($"--data: {error.Message}", error.Suggestion);
        }
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
