using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using TransformFramework.Cli.CommandLineParsing;
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
    private static readonly Option<string> InGraph = CommonOptions.InGraph();
    private static readonly Option<string> Data = new("--data") { HelpName = "PATH", Description = "Samples: D.npz with an array images or arrays named after the inputs (/ as __), a .npy, picture or .wav file, or a folder of these; ?mean=M&scale=S&divide=D after it" };
    private static readonly Option<string> Out = new("--out") { HelpName = "FILE", Description = "File of ranges to write" };
    private static readonly Option<string[]> Merge = new("--merge") { HelpName = "FILE", Description = "Files of ranges to merge in, in place of samples or beside them", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<string> Inputs = new("--inputs") { HelpName = "NAMES", Description = "Names of the inputs; without it all placeholders" };
    private static readonly Option<string> Outputs = new("--outputs") { HelpName = "NAMES", Description = "Names of the outputs; without it what nobody reads" };
    private static readonly Option<string> Method = new("--method") { HelpName = "NAME", Description = "min_max, percentile, mean_squared_error or entropy; min_max without it" };
    private static readonly Option<string> Percentile = new("--percentile") { HelpName = "P", Description = "Percentage of magnitudes within the range, for the method percentile; 99.99 without it" };
    private static readonly Option<string> Samples = new("--samples") { HelpName = "N", Description = "Largest number of samples; all without it" };

    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("calibrate", "Finds the ranges of a graph's tensors on samples") { InGraph, Data, Out, Merge, Inputs, Outputs, Method, Percentile, Samples };
        command.SetAction(parsed => Run(parsed, cancellation));
        return command;
    }

    private static int Run(ParseResult parsed, CancellationToken cancellation)
    {
        string path = PathExpansion.Expand(parsed.Required(Out));
        string[] merged = parsed.GetValue(Merge) ?? [];
        double percentile = parsed.Real(Percentile, otherwise: 99.99);
        if (percentile is not (> 0 and <= 100))
            throw CommandException.Usage($"--percentile={percentile.ToString(CultureInfo.InvariantCulture)} is not a percentage over 0", "For example --percentile=99.9.");
        var choice = new RangeChoice(parsed.RangeMethod(Method), percentile);
        RangeFile ranges = merged.Length > 0 && parsed.GetValue(Data) is null ? new() : Measured(parsed, cancellation);
        foreach (string file in merged)
            ranges.Merge(Read(PathExpansion.Expand(file)));
        if (ranges.Samples == 0)
            throw CommandException.Usage("there are no samples", "Give --data=PATH, or --merge FILE … with files of ranges.");
        ranges.Choice = choice;
        if (!parsed.Has(CommonOptions.Quiet))
            Warn(ranges);
        AtomicFile.Write(path, ranges.Write, beforeReplace: null);
        if (parsed.IsJson())
            Console.Out.WriteLine(RunReport.Serialize(new { schema_version = 1, samples = ranges.Samples, tensors = ranges.Tensors.Count, file = path }));
        else if (!parsed.Has(CommonOptions.Quiet))
            Console.Out.WriteLine($"{ranges.Tensors.Count} ranges over {ranges.Samples} samples: {path}");
        return ExitCodes.Done;
    }

    private static RangeFile Measured(ParseResult parsed, CancellationToken cancellation)
    {
        int most = (int)parsed.Integer(Samples, otherwise: int.MaxValue, least: 1, most: int.MaxValue);
        using LoadedModel model = ModelFile.Open(PathExpansion.Expand(parsed.Required(InGraph)), cancellation);
        string[] inputs = GraphInputs.ResolveAll(model.Graph, parsed.GetValue(Inputs));
        string[] outputs = GraphOutputs.Resolve(model.Graph, parsed.GetValue(Outputs));
        try
        {
            var samples = SampleData.Read(model.Graph, inputs, PathExpansion.Expand(parsed.Required(Data))).Take(most);
            return CalibrationRun.Run(parsed.Backend(), model.Graph, outputs, samples, Console.Error.WriteLine, cancellation);
        }
        catch (FeedException error)
        {
            throw CommandException.Usage($"--data: {error.Message}");
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
            Console.Error.WriteLine($"warning TFX5020: '{name}' had {statistics.NotFinite} NaN or infinite numbers, which are left out of its range");
    }
}
